// The links of every page lead to a file that is there and, where they name a heading, to that heading.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { inClone } from "../helpers/paths";

const read = (page: string): string => readFileSync(inClone(page), "utf8");

/** What people read first, and what is below it. The template's page is read in the project that it becomes. */
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "host/CONTRACT.md",
  "policy/RULES.md",
  "pipelines/README.md",
  ...readdirSync(inClone("docs"), { recursive: true, encoding: "utf8" })
    .map((file) => posix.join("docs", file.replaceAll("\\", "/")))
    .filter((file) => file.endsWith(".md") && !file.startsWith("docs/template/")),
];

/** A page without its code, in which nothing is a link. */
const prose = (page: string): string =>
  read(page)
    .replaceAll(/^ *```[^]*?^ *```$/gm, "")
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, " "));

/** The anchors of a page, by the rule of GitHub. */
function anchors(page: string): Set<string> {
  const headings = read(page).matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(headings, ([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function broken(page: string, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? page : posix.join(dirname(page), file);
  if (!existsSync(inClone(target))) return true;
  if (anchor === undefined || statSync(inClone(target)).isDirectory()) return false;
  return !anchors(target).has(anchor);
}

describe("the links of", () => {
  for (const page of pages) {
    it(`${page} lead somewhere`, () => {
      const links = Array.from(prose(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
      const ours = links.filter((link) => !/^[a-z]+:/.test(link));
      assert.deepEqual(
        ours.filter((link) => broken(page, link)),
        [],
      );
    });
  }

  it("the README lead to every page of docs/", () => {
    const linked = Array.from(read("README.md").matchAll(/\]\(([^)#\s]+)/g), ([, file]) => file);
    const top = pages.filter((page) => /^docs\/[^/]+\.md$/.test(page));
    const unlinked = top.filter((page) => !linked.includes(page));
    assert(top.length > 5);
    assert.deepEqual(unlinked, []);
    assert(existsSync(join(inClone("docs"), "design")));
  });
});
