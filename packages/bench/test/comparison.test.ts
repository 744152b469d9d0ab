// The order in which two sides are sampled, and which comparisons a name asks for.
import assert from "node:assert/strict";
import { isOf, measure } from "../comparison";

describe("measure", () => {
  const taken: string[] = [];
  const side = (title: string, first: number) => {
    let next = first;
    return {
      title,
      sample: () => {
        taken.push(title);
        return Promise.resolve(next++);
      },
    };
  };
  const comparison = () => ({
    name: "start",
    title: "from start to resource",
    target: 1.5,
    caveat: "",
    ours: side("Keyturn", 100),
    reference: side("empty", 10),
  });

  beforeEach(() => taken.splice(0));

  it("samples the two sides in turn, and one pair more to warm up", async () => {
    await measure(comparison(), 2, () => undefined);
    assert.deepEqual(taken, ["Keyturn", "empty", "Keyturn", "empty", "Keyturn", "empty"]);
  });

  it("leaves the pair that warmed up out of the series", async () => {
    const { ours, reference } = await measure(comparison(), 2, () => undefined);
    assert.deepEqual(
      [ours.samples, reference.samples],
      [
        [101, 102],
        [11, 12],
      ],
    );
  });

  it("tells of every sample, the warming ones too", async () => {
    const told: string[] = [];
    await measure(comparison(), 1, (done, all) => told.push(`${done}/${all}`));
    assert.deepEqual(told, ["1/4", "2/4", "3/4", "4/4"]);
  });

  it("fails when a sample fails", async () => {
    const broken = { title: "broken", sample: () => Promise.reject(new Error("no preview")) };
    await assert.rejects(
      measure({ ...comparison(), reference: broken }, 1, () => undefined),
      /no preview/,
    );
  });
});

describe("isOf", () => {
  const asked = (name: string) => isOf(["downtime", "rules"], { name });

  it("takes a comparison by its name, and those whose name goes on behind a space", () => {
    assert.deepEqual(["downtime", "downtime of update.ps1", "rules"].map(asked), [
      true,
      true,
      true,
    ]);
  });

  it("leaves out what only begins with the same letters", () => {
    assert.deepEqual(["downtimes", "policy", "the downtime"].map(asked), [false, false, false]);
  });
});
