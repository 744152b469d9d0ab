// host/setup.sh on a Debian host of the test's own: with real accounts, a real SSH server and nothing of this machine changed.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createKeyPair } from "../../packages/lab/host/keys";
import { inClone } from "../helpers/paths";
import { PrivateHost, type Ran, privateHostAbsent } from "../helpers/private-host";

const RUNNER = "127.0.0.1";
const USER = "svc-keyturn";
const SCRIPTS = "/var/lib/keyturn";
/** The cases that look at one set up host, one after the other. */
const TOGETHER = "on a host that has nothing but its SSH server";
/** ufw as far as the script uses it. */
const UFW = `
  if [ "$1" = status ]; then echo "Status: active"; exit; fi
  if [ "$1 $2" = "show added" ]; then cat /etc/ufw-rules 2>/dev/null; exit; fi
  touch /etc/ufw-rules
  if [ "$1" != delete ]; then echo "ufw $*" >>/etc/ufw-rules; exit; fi
  shift
  grep -vF "ufw $*" /etc/ufw-rules >/etc/ufw-next
  mv /etc/ufw-next /etc/ufw-rules`;
/** apt-get that takes the server away and brings it back. */
const APT = `
  case "$*" in
    *install*openssh-server) mv /usr/sbin/sshd.away /usr/sbin/sshd ;;
    *remove*openssh-server) kill "$(cat /run/sshd.pid)"; mv /usr/sbin/sshd /usr/sbin/sshd.away ;;
  esac`;

/** Without the log, and without the copies and times that useradd and userdel leave. */
const withoutTraces = (text: string): string =>
  text
    .replace(/^\/var\/log\/keyturn-setup\.log .*\n|^\d{4}-\d\d-\d\dT\S+ .*\n/gm, "")
    .replace(/^\/etc\/(subuid|subgid|passwd|shadow|group|gshadow)-? .*\n/gm, "");

describe("setup.sh", function () {
  this.timeout(120_000);
  const absent = privateHostAbsent();
  if (absent !== undefined) {
    it(`is not run: ${absent}`);
    return;
  }
  let host: PrivateHost;
  const key = createKeyPair();
  const run = (...words: readonly string[]): Ran =>
    host.run(["sh", inClone("host/setup.sh"), ...words]);
  const setUp = (...more: readonly string[]): Ran =>
    run("--key", `${key.publicKeyLine} runner@ci`, "--from", RUNNER, "--host", RUNNER, ...more);
  /** Signs in as the runner does; what the command printed. */
  const ssh = (user: string, command: string, pair = key): Ran => {
    const file = join(host.folder, "key");
    writeFileSync(file, pair.privateKeyPem, { mode: 0o600 });
    const options = ["-F", "none", "-i", file, "-p", String(host.port), "-o", "BatchMode=yes"];
    const known = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
    return host.run(["ssh", ...options, ...known, `${user}@${RUNNER}`, command]);
  };
  /** Everything that setup.sh could change: names, owners, modes and contents. */
  const standing = (): string =>
    host.script(`find /etc /home /root/.ssh /var/lib/keyturn* /var/log/keyturn* -xdev \\( -type f -o -type d -o -type l \\) \
      -printf '%p %u %m %l\\n' 2>/dev/null | sort
      cat /etc/passwd /etc/shadow /etc/group
      cat /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys /var/lib/keyturn-setup/made /var/log/keyturn-setup.log /etc/ufw-rules 2>/dev/null || :`);

  // One host for all, since each takes seconds; after each case it is as it was.
  before(async () => {
    host = await PrivateHost.open();
    host.script(
      "rm -rf /root/.ssh /usr/sbin/ufw; for type in ed25519 ecdsa; do echo HostKey /etc/ssh/ssh_host_${type}_key; done >>/etc/ssh/sshd_config; cp /etc/ssh/sshd_config /etc/ssh/own",
    );
    await host.startServer();
  });
  /** As it was: for the cases that are not one after the other. */
  const mend = (): void => {
    host.script(`[ ! -e /var/lib/keyturn-setup ] || sh ${inClone("host/setup.sh")} --undo
      cp /etc/ssh/own /etc/ssh/sshd_config
      rm -rf /root/.ssh ${SCRIPTS} /var/log/keyturn-setup.log /usr/sbin/ufw /etc/ufw-rules`);
  };
  after(() => (host as PrivateHost | undefined)?.close());

  describe(TOGETHER, () => {
    let stoodBefore: string;
    let checked: Ran;
    let done: Ran;
    before(() => {
      stoodBefore = standing();
      checked = setUp("--check");
      assert.equal(standing(), stoodBefore, "--check changes nothing");
      done = setUp();
      assert.equal(done.status, 0, done.stderr);
    });

    it("tells with --check what it would do, and changes nothing", () => {
      assert.equal(checked.status, 1);
      assert.match(checked.stderr, /would: make the account svc-keyturn/);
      assert.match(checked.stderr, /would: make the folder \/var\/lib\/keyturn,/);
      assert.match(checked.stderr, /would: put the runner's key into/);
    });

    it("makes an account that the runner's key opens, and no password", () => {
      const inside = ssh(USER, `id -un; pwd; touch ${SCRIPTS}/update-0123abcd.sh && echo writes`);
      assert.equal(inside.stdout, `${USER}\n/home/${USER}\nwrites\n`, inside.stderr);
      assert.match(host.script(`getent shadow ${USER}`), /^svc-keyturn:\*:/);
      const closed = host.script(`stat -c '%U %a' ${SCRIPTS} /home/${USER}`);
      assert.equal(closed, `${USER} 700\n${USER} 700\n`);
      const keys = host.script(`cat /home/${USER}/.ssh/authorized_keys`);
      assert.equal(keys, `restrict,from="${RUNNER}" ${key.publicKeyLine} keyturn\n`);
    });

    it("prints the connection that the server proves itself by, and nothing else on standard output", () => {
      const [algorithm, base64] = host.script("cat /etc/ssh/ssh_host_ed25519_key.pub").split(" ");
      assert.equal(
        done.stdout,
        `      connection:\n        host: ${RUNNER}\n        port: ${host.port}\n        user: ${USER}\n` +
          `        hostKey: ${algorithm} ${base64}\n`,
      );
    });

    it("changes nothing the second time, and says so", () => {
      const stood = standing();
      const again = setUp();
      assert.match(again.stderr, /nothing to do/);
      assert.deepEqual([again.status, standing()], [0, stood]);
      assert.equal(setUp("--check").status, 0);
    });

    it("undoes what it made and nothing else", () => {
      const undone = run("--undo");
      assert.equal(undone.status, 0, undone.stderr);
      assert.match(undone.stderr, /keyturn-setup\.log is left/);
      assert.equal(withoutTraces(standing()), withoutTraces(stoodBefore));
      assert.match(run("--undo").stderr, /nothing to undo/);
      assert.equal(host.run(["sshd", "-t"]).status, 0, "the server that was there stays");
    });
  });

  afterEach(function () {
    if (this.currentTest?.parent?.title !== TOGETHER) mend();
  });

  it("leaves with --undo a folder in which something else is", () => {
    setUp();
    host.script(`touch ${SCRIPTS}/mine`);
    assert.match(run("--undo").stderr, /\/var\/lib\/keyturn is left/);
    host.script(`test -e ${SCRIPTS}/mine`);
  });

  it("gives root the key beside his own keys, whose last line has no end, and takes it back", () => {
    host.script(
      `mkdir -m 700 /root/.ssh; printf 'ssh-ed25519 HIS his' >/root/.ssh/authorized_keys`,
    );
    const done = setUp("--user", "root");
    assert.equal(done.status, 0, done.stderr);
    assert.equal(ssh("root", "id -u").stdout, "0\n");
    assert.match(host.script("cat /root/.ssh/authorized_keys"), /^ssh-ed25519 HIS his\nrestrict,/);
    run("--undo");
    assert.equal(host.script("cat /root/.ssh/authorized_keys"), "ssh-ed25519 HIS his\n");
  });

  it("puts another key in the place of its own, with the new address", () => {
    const next = createKeyPair();
    setUp();
    const done = run(
      "--key",
      next.publicKeyLine,
      "--from",
      "192.0.2.0/24,127.0.0.1",
      "--host",
      RUNNER,
    );
    assert.equal(done.status, 0, done.stderr);
    assert.notEqual(ssh(USER, "true").status, 0);
    assert.equal(ssh(USER, "true", next).status, 0);
    assert.equal(host.script(`wc -l </home/${USER}/.ssh/authorized_keys`).trim(), "1");
  });

  it("lets the key in from the runner's address only", () => {
    run("--key", key.publicKeyLine, "--from", "192.0.2.10", "--host", RUNNER);
    assert.match(ssh(USER, "true").stderr, /Permission denied/);
  });

  it("installs the server where none is, starts it, and takes it away with --undo", async () => {
    host.script("kill $(cat /run/sshd.pid); mv /usr/sbin/sshd /usr/sbin/sshd.away");
    host.replace("/usr/bin/apt-get", APT);
    assert.match(setUp("--check").stderr, /would: install the package openssh-server/);
    const done = setUp();
    assert.equal(done.status, 0, done.stderr);
    assert.equal(ssh(USER, "true").status, 0);
    assert.equal(run("--undo").status, 0);
    host.script("mv /usr/sbin/sshd.away /usr/sbin/sshd");
    await host.startServer();
  });

  it("opens an active ufw for the runner's addresses, and closes what it opened", () => {
    host.replace("/usr/sbin/ufw", UFW);
    setUp();
    const rule = `ufw allow from ${RUNNER} to any port ${host.port} proto tcp`;
    assert.equal(host.script("cat /etc/ufw-rules"), `${rule} comment keyturn\n`);
    assert.match(setUp().stderr, /nothing to do/);
    run("--key", key.publicKeyLine, "--from", "192.0.2.10", "--host", RUNNER);
    assert.match(host.script("cat /etc/ufw-rules"), /^ufw allow from 192\.0\.2\.10 .*\n$/);
    run("--undo");
    assert.equal(host.script("cat /etc/ufw-rules"), "");
  });

  it("takes every command of docs/host-setup.md", () => {
    const page = readFileSync(inClone("docs/host-setup.md"), "utf8");
    const commands = [...page.matchAll(/^ {4}((?:ssh-keygen|sh setup\.sh) .*)$/gm)].map(
      ([, command = ""]) => command,
    );
    assert(commands.length > 3);
    const statuses = commands.map((command) => {
      const here = `cd ${host.folder} && cp ${inClone("host/setup.sh")} . && ${command}`;
      return [command.replace(/^sh setup\.sh --\w+ .* /, ""), host.run(["sh", "-c", here]).status];
    });
    assert.deepEqual(statuses.slice(1), [
      ["--check", 1],
      ["root", 0],
      ["sh setup.sh --undo", 0],
    ]);
  });

  describe("refuses, with every problem at once and nothing changed,", () => {
    const refuses = (
      law: string,
      words: () => readonly string[],
      says: readonly RegExp[],
      given = "",
    ) => {
      it(law, () => {
        if (given !== "") host.script(given);
        const stood = standing();
        const { status, stderr, stdout } = run(...words());
        for (const each of says) assert.match(stderr, each);
        assert.deepEqual([status, stdout, standing()], [2, "", stood]);
      });
    };
    const good = (): readonly string[] => ["--key", key.publicKeyLine, "--from", RUNNER];

    refuses(
      "input that is wrong in every argument",
      () => [
        "--key",
        "ssh-rsa AAAAB3NzaC1yc2E",
        "--from",
        "10.0.0.5/24,300.1.1.1,1::2::3",
        "--user",
        "Bad Name",
        "--host",
        "a b",
        "--script-directory",
        "/srv/../etc",
        "--force",
      ],
      [
        /an RSA key/,
        /10\.0\.0\.5\/24/,
        /300\.1\.1\.1/,
        /1::2::3/,
        /--user must/,
        /--host must/,
        /--script-directory must/,
        /there is another one/,
      ],
    );
    refuses("no key and no address", () => [], [/--key must/, /--from must/]);
    refuses(
      "a key with more than a key in it",
      () => ["--key", `${key.publicKeyLine.slice(0, -6)}$(id)x`, "--from", "any"],
      [/other characters/],
    );
    refuses("an account that ends in nologin", () => [...good(), "--user", "nobody"], [
      /must have a shell/,
    ]);
    refuses(
      "a script folder that others may write",
      () => good(),
      [/\/var\/lib\/keyturn must be a folder that svc-keyturn owns/],
      `mkdir ${SCRIPTS}; chmod 777 ${SCRIPTS}`,
    );
    refuses(
      "a script folder that is a link",
      () => [...good(), "--user", "root"],
      [/\/var\/lib\/keyturn must be a folder/],
      `ln -s /etc ${SCRIPTS}`,
    );
    refuses(
      "an SSH server that lets the account not in",
      () => good(),
      [/among its AllowUsers/, /PubkeyAuthentication yes/],
      "{ echo AllowUsers somebody else@10.*; echo PubkeyAuthentication no; } >>/etc/ssh/sshd_config",
    );
    refuses(
      "root where the SSH server takes no root",
      () => [...good(), "--user", "root"],
      [/PermitRootLogin prohibit-password/],
      "echo PermitRootLogin no >>/etc/ssh/sshd_config",
    );
    refuses(
      "settings that the SSH server cannot read",
      () => good(),
      [/cannot be read: .*Nonsense/],
      "echo Nonsense yes >>/etc/ssh/sshd_config",
    );
    refuses(
      "a home from which the server takes no key",
      () => [...good(), "--user", "root"],
      [/\/root\/\.ssh must be owned by root/],
      "mkdir /root/.ssh; chmod 777 /root/.ssh",
    );
    refuses(
      "a key that stands there with other options",
      () => [...good(), "--user", "root"],
      [/with other options/],
      `mkdir /root/.ssh; chmod 700 /root/.ssh; echo '${key.publicKeyLine} mine' >/root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys`,
    );

    it("a private key, without repeating it", () => {
      const { status, stderr } = run("--key", key.privateKeyPem, "--from", "any");
      assert.match(stderr, /is a private key/);
      const body = key.privateKeyPem.split("\n")[1] ?? "";
      assert.deepEqual([status, stderr.includes(body)], [2, false]);
    });
  });
});
