import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packRedacted, textAt, textsBelow } from "../../drivers/redacted-archive";

const directory = mkdtempSync(join(tmpdir(), "redacted-archive-"));
afterAll(() => rmSync(directory, { recursive: true }));

const archive = join(directory, "out", "dev-20261124.tar.gz");

test("every file of the evidence is in it, redacted, and nobody else may read it", async () => {
  const evidence = join(directory, "evidence");
  mkdirSync(join(evidence, "node"), { recursive: true });
  writeFileSync(join(evidence, "node", "journal.txt"), "token hunter2 was used");
  writeFileSync(join(evidence, "domain.xml"), "<domain/>");
  const texts = [...textsBelow(evidence, "evidence"), { name: "timeline.jsonl", text: "hunter2\n" }];
  await packRedacted(archive, texts, (text) => text.replaceAll("hunter2", "[secret]"));

  const list = execFileSync("tar", ["-tzf", archive], { encoding: "utf8" }).trim().split("\n").sort();
  expect(list.filter((name) => !name.endsWith("/"))).toEqual([
    "dev-20261124/evidence/domain.xml",
    "dev-20261124/evidence/node/journal.txt",
    "dev-20261124/timeline.jsonl",
  ]);
  const all = execFileSync("tar", ["-xzOf", archive], { encoding: "utf8" });
  expect(all).toContain("token [secret] was used");
  expect(all).not.toContain("hunter2");
  expect(statSync(archive).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(directory, "out"))).toEqual(["dev-20261124.tar.gz"]);
});

test("a directory that is not there gives nothing", () => {
  expect(textsBelow(join(directory, "nowhere"), "evidence")).toEqual([]);
});

test("a file that went since it was listed gives nothing, and loses nothing of the others", () => {
  const going = join(directory, "going");
  mkdirSync(going);
  writeFileSync(join(going, "stays.txt"), "x");
  expect(textAt(join(going, "gone.txt"), "gone.txt")).toEqual([]);
  expect(textsBelow(going, "evidence")).toEqual([{ name: "evidence/stays.txt", text: "x" }]);
});

test("an archive takes the place of a file that all could read, and they cannot", async () => {
  const there = join(directory, "there.tar.gz");
  writeFileSync(there, "", { mode: 0o644 });
  await packRedacted(there, [{ name: "a", text: "b" }], (text) => text);
  expect(statSync(there).mode & 0o777).toBe(0o600);
});
