// The command that a host script starts, stops and asks the services with: a small sh program made for one host.
// It is sh, not Node.js, because each call counts as downtime.

/** Exit codes of the command; 0, 3 and 4 are those of init scripts. */
export const CONTROL_EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  stopped: 3,
  noSuchService: 4,
  noManager: 69,
} as const;

/**
 * The program's text. It writes one line to the manager's FIFO and waits for one line on a FIFO of its own:
 * `<exit code> <text>`. Who asked is taken from SSH_CLIENT, as a real host's own log would.
 * @param folder the manager's folder; any character but a single quote.
 */
export function controlScript(folder: string): string {
  if (folder.includes("'")) throw new Error(`the host's folder must hold no quote, got ${folder}.`);
  return `#!/bin/sh
# usage: service-control start|stop|status <name>   service-control list
# exit: 0 done (status: running), 1 failed, 2 usage, 3 stopped (status), 4 no such service, 69 no manager
folder='${folder}'
case $1 in
  start|stop|status) [ $# -ge 2 ] || { echo "usage: service-control $1 <name>" >&2; exit 2; } ;;
  list) ;;
  *) echo "usage: service-control start|stop|status <name>, or list" >&2; exit 2 ;;
esac
verb=$1; shift
name="$*"
# shellcheck disable=SC2086 # the client, its port and ours
set -- \${SSH_CLIENT-}
by=local
[ $# -ge 2 ] && by="ssh:$1:$2"
{ read -r manager < "$folder/manager" && kill -0 "$manager"; } 2>/dev/null || {
  echo "service-control: the service manager does not run" >&2
  exit 69
}
reply="$folder/reply.$$"
trap 'rm -f "$reply"; exit 129' HUP
trap 'rm -f "$reply"; exit 130' INT
trap 'rm -f "$reply"; exit 143' TERM
mkfifo -m 600 "$reply" || exit 69
exec 3<> "$reply"
printf '%s %s %s %s\\n' "$$" "$verb" "$by" "$name" > "$folder/requests"
read -r code text <&3
case $verb$code in
  list*) while [ "$text" != . ]; do printf '%s\\n' "$text"; read -r text <&3; done ;;
  status0)
    # The state, and when the process began.
    printf '%s\\n' "\${text%% *}"
    printf 'started %s\\n' "\${text##* }" ;;
  *0|status3) printf '%s\\n' "$text" ;;
  *) printf 'service-control: %s\\n' "$text" >&2 ;;
esac
exit "$code"
`;
}
