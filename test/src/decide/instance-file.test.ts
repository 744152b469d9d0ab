// The product's file is edited in one place, and nothing else in it changes.
import assert from "node:assert/strict";
import { editInstanceFile, instanceFileProblem } from "../../../src/decide/instance-file";
import { sesar } from "../../../src/presets/sesar";

const keys = sesar.host;
const beside = { ...keys, otherInstances: 1 };
const shared = { ...keys, ownInstances: 2 };
const clientId = "11111111-2222-4333-8444-555555555555";
const tenantId = "99999999-2222-4333-8444-555555555555";
const values = { clientId, tenantId, secret: "aB1~Q~.x_-" };

describe("editInstanceFile", () => {
  const rows: [what: string, given: string, edited: string][] = [
    ["an object", '{"AzureAD_Secret":"old"}', '{"AzureAD_Secret":"aB1~Q~.x_-"}'],
    [
      "byte order mark, CR LF, tabs and no final line break",
      '\uFEFF{\r\n\t"A" : 1,\r\n\t"AzureAD_Secret" :  "old"\r\n}',
      '\uFEFF{\r\n\t"A" : 1,\r\n\t"AzureAD_Secret" :  "aB1~Q~.x_-"\r\n}',
    ],
    [
      "comments and a trailing comma",
      '// c\n{"x": ["AzureAD_Secret", "é"], "AzureAD_Secret": "", /* d */}\n',
      '// c\n{"x": ["AzureAD_Secret", "é"], "AzureAD_Secret": "aB1~Q~.x_-", /* d */}\n',
    ],
    [
      "empty client and tenant id, filled",
      '[{"AzureAD_ClientId":"","AzureAD_Secret":"x","AzureAD_TenantId":""}]',
      `[{"AzureAD_ClientId":"${clientId}","AzureAD_Secret":"aB1~Q~.x_-","AzureAD_TenantId":"${tenantId}"}]`,
    ],
    [
      "the instance of the client id among several, in any case",
      `{"instances":[{"AzureAD_ClientId":"other","AzureAD_Secret":"1"},{"AzureAD_Secret":"2","AzureAD_ClientId":"${clientId.toUpperCase()}"}]}`,
      `{"instances":[{"AzureAD_ClientId":"other","AzureAD_Secret":"1"},{"AzureAD_Secret":"aB1~Q~.x_-","AzureAD_ClientId":"${clientId.toUpperCase()}"}]}`,
    ],
  ];
  it("puts the secret into each of the instances that share the credential, and fills their empty ids", () => {
    const given = `[{"AzureAD_ClientId":"${clientId}","AzureAD_Secret":"1"},{"AzureAD_ClientId":"","AzureAD_Secret":"2"}]`;
    const edited = `[{"AzureAD_ClientId":"${clientId}","AzureAD_Secret":"aB1~Q~.x_-"},{"AzureAD_ClientId":"${clientId}","AzureAD_Secret":"aB1~Q~.x_-"}]`;
    assert.equal(editInstanceFile(given, shared, values), edited);
  });

  it("puts it into none when one of them has another client id, or when fewer have ours than are counted", () => {
    const other = `[{"AzureAD_ClientId":"${clientId}","AzureAD_Secret":"1"},{"AzureAD_ClientId":"other","AzureAD_Secret":"SENTINEL"}]`;
    assert.throws(() => editInstanceFile(other, shared, values), /holds another AzureAD_ClientId/);
    const third = other.replace("]", ',{"AzureAD_Secret":"3"}]');
    const counted = { ...shared, otherInstances: 1 };
    assert.throws(
      () => editInstanceFile(third, counted, values),
      /3 times, and 1 of them .* Exactly 2 must have it\. Put it beside the secret/,
    );
  });

  for (const [what, given, edited] of rows) {
    it(`keeps everything else of ${what}`, () => {
      const several = what.includes("among several");
      assert.equal(editInstanceFile(given, several ? beside : keys, values), edited);
    });
  }

  const refused: [what: string, given: string, message: RegExp][] = [
    ["no place for the secret", '{"azuread_secret":"x"}', /must hold AzureAD_Secret with a text/],
    ["a secret that is no text", '{"AzureAD_Secret":1}', /must hold AzureAD_Secret with a text/],
    [
      "two instances without the client id",
      '[{"AzureAD_Secret":"SENTINEL"},{"AzureAD_Secret":"b"}]',
      /2 times, and 0/,
    ],
    [
      "the key twice in one object",
      `{"AzureAD_ClientId":"${clientId}","AzureAD_Secret":"a","AzureAD_Secret":"b"}`,
      /2 times, and 2/,
    ],
    [
      "another client id",
      '{"AzureAD_ClientId":"other","AzureAD_Secret":"SENTINEL"}',
      /another AzureAD_ClientId/,
    ],
    ["an encrypted file", "SENTINEL\u0001", /no JSON/],
    ["an empty file", "", /no JSON/],
  ];
  for (const [what, given, message] of refused) {
    it(`refuses ${what} without quoting the file`, () => {
      assert.throws(
        () => editInstanceFile(given, keys, values),
        (error: Error) => message.test(error.message) && !error.message.includes("SENTINEL"),
      );
    });
  }

  for (const secret of ["a b", 'a"b', "a\nb", "a\rb", "", "a\\b"]) {
    it(`refuses the secret value ${JSON.stringify(secret).length} characters long that would break the file`, () => {
      assert.throws(
        () => editInstanceFile('{"AzureAD_Secret":""}', keys, { ...values, secret }),
        /no space, quotation mark/,
      );
    });
  }
});

describe("a file that outgrows the vault by what is put into it", () => {
  it("is refused with its size and a way out, and without a text of it", () => {
    const file = `{"AzureAD_Secret":"","Key":"${"SENTINEL".repeat(3_120)}"}`;
    const secret = "x".repeat(64);
    assert.throws(
      () => editInstanceFile(file, keys, { ...values, secret }),
      (error: Error) =>
        /at most 25000 bytes, got 250\d\d\. .*file mode edit/.test(error.message) &&
        !error.message.includes("SENTINEL"),
    );
  });
});

describe("instanceFileProblem", () => {
  it("says the size of a file that the vault cannot hold, and a way out", () => {
    const file = `{"AzureAD_Secret":"","Key":"${"x".repeat(25_000)}"}`;
    assert.match(
      String(instanceFileProblem(file, keys)),
      /at most 24800 bytes, got 250\d\d\. .*edit/,
    );
  });

  const TWO = '[{"AzureAD_Secret":"SENTINEL"},{"AzureAD_Secret":"b"}]';

  it("refuses an instance that is not counted, since the file's other writer would be undone, and says the ways out", () => {
    for (const counted of [keys, { ...shared, otherInstances: 1 }]) {
      const problem = String(instanceFileProblem(TWO, counted));
      assert.match(problem, /^holds AzureAD_Secret 2 times, and the config counts \d \(own/);
      assert.match(problem, /written whole.*Raise ownInstances.*otherInstances.*one credential/);
      assert(!problem.includes("SENTINEL"));
    }
  });

  it("finds nothing wrong with counted instances before the client id is known", () => {
    assert.equal(instanceFileProblem(TWO, beside), undefined);
    assert.equal(instanceFileProblem(TWO, shared), undefined);
  });
});
