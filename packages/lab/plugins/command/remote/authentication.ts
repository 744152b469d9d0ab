// The order in which a connection tries to sign in: private key, password, questions, agent.
// A method name is tried once and only while the host offers it, so an agent is not asked after a key.
import type { AnyAuthMethod, AuthHandlerMiddleware } from "ssh2";

import type { Endpoint } from "./endpoint";
import { parsePrivateKey } from "./private-key";

interface Candidate {
  /** The method's name on the wire. */
  readonly method: "publickey" | "password" | "keyboard-interactive";
  readonly attempt: AnyAuthMethod;
}

export class Authentication {
  private readonly attempted: string[] = [];

  private constructor(
    private readonly user: string,
    private readonly candidates: readonly Candidate[],
  ) {}

  static of(endpoint: Endpoint): Authentication {
    return new Authentication(endpoint.user, candidates(endpoint));
  }

  /** What the host is told when nothing that it offers is left. */
  get failure(): string {
    const methods = this.attempted.join(" ");
    return `ssh: unable to authenticate, attempted methods [${methods}], no supported methods remain`;
  }

  /** Decides on each attempt. */
  readonly handler: AuthHandlerMiddleware = (offered: readonly string[] | null, _partial, next) => {
    // The library allows `false` (nothing left), its declarations do not.
    const give = next as (attempt: AnyAuthMethod | false) => void;
    if (this.attempted.length === 0) {
      this.attempted.push("none");
      give({ type: "none", username: this.user });
      return;
    }
    const candidate = this.candidates.find(
      ({ method }) => !this.attempted.includes(method) && offered?.includes(method) === true,
    );
    if (candidate === undefined) {
      give(false);
      return;
    }
    this.attempted.push(candidate.method);
    give(candidate.attempt);
  };
}

function candidates(endpoint: Endpoint): Candidate[] {
  const { user: username, password } = endpoint;
  const list: Candidate[] = [];
  if (endpoint.privateKey !== undefined) {
    const key = parsePrivateKey(endpoint.privateKey, endpoint.privateKeyPassword);
    list.push({ method: "publickey", attempt: { type: "publickey", username, key } });
  }
  if (password !== undefined) {
    list.push({ method: "password", attempt: { type: "password", username, password } });
    list.push({
      method: "keyboard-interactive",
      attempt: {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, questions, finish) =>
          finish(questions.map(() => password)),
      },
    });
  }
  const agent = endpoint.agentSocketPath ?? process.env["SSH_AUTH_SOCK"];
  if (agent !== undefined && agent !== "") {
    list.push({ method: "publickey", attempt: { type: "agent", username, agent } });
  }
  return list;
}
