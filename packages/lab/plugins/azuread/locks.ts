// One writer at a time for each application or group, as the vendor's plugin has it within its process.

export class Locks {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Runs the action when all earlier ones under the same name have ended, well or badly. */
  async hold<T>(name: string, action: () => Promise<T>): Promise<T> {
    const before = this.last.get(name) ?? Promise.resolve();
    const turn = before.then(action, action);
    this.last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.last.get(name) === turn) this.last.delete(name);
    }
  }
}
