// Sessions of engines: the operating system gives a port to a later engine that an earlier one has had.
import assert from "node:assert/strict";
import { Sessions } from "../../../plugins/provider/sessions";

const PEER = "127.0.0.1:40000";
const ENGINE = "127.0.0.1:1";

describe("Sessions", () => {
  let sessions: Sessions<string>;
  beforeEach(() => (sessions = new Sessions()));
  afterEach(() => sessions.close());

  it("begins a session that is not cancelled when an engine attaches where a cancelled one was", () => {
    sessions.attach(PEER, ENGINE);
    sessions.of(PEER).configure("first");
    sessions.of(PEER).cancel();
    sessions.attach(PEER, ENGINE);
    assert.equal(sessions.of(PEER).signal.aborted, false);
    assert.equal(sessions.of(PEER).configuration, undefined);
  });

  it("drops what a call says whose session has ended", async () => {
    sessions.attach(PEER, ENGINE);
    const { log } = sessions.of(PEER);
    assert(log !== undefined);
    sessions.attach(PEER, ENGINE);
    await log.send("info", "nobody is there");
  });

  it("lets a connection without a configuration go on with the latest one that is not cancelled", () => {
    sessions.of("127.0.0.1:1").configure("alive");
    sessions.of("127.0.0.1:2").configure("gone");
    sessions.of("127.0.0.1:2").cancel();
    assert.equal(sessions.configured(PEER).configuration, "alive");
  });

  it("keeps a session through the calls of its connection", () => {
    sessions.attach(PEER, ENGINE);
    const session = sessions.of(PEER);
    session.configure("mine");
    assert.equal(sessions.configured(PEER), session);
  });
});
