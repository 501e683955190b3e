import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { checkoutOf as makerOf, stackRecords } from "../../drivers/stack-records";
import { forgetStack, recordStack } from "../../facts/stack-register";
import { backendDigest } from "../../plan/stack-record";

let folder: string;
let shared: string;
const checkoutOf = (name: string): string => join(folder, name);
const kept = (name: string): string => join(checkoutOf(name), ".state/register");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "register-"));
  shared = join(folder, "cache/stacks");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const made = (stackId: string, checkout = "lab") => ({
  project: "replikube",
  stack: "dev",
  stackId,
  checkout: checkoutOf(checkout),
  libvirtUri: "qemu:///system",
});
const record = (stackId: string, checkout?: string, backend = "file:///state"): void =>
  recordStack(made(stackId, checkout), shared, { PULUMI_BACKEND_URL: backend });
const ids = (checkout: string): readonly string[] =>
  stackRecords(checkoutOf(checkout), shared)
    .map(({ stackId }) => stackId)
    .toSorted();

it("tells every checkout who made which stack", () => {
  record("aa11");
  record("bb22", "other");
  expect(ids("lab")).toEqual(["aa11", "bb22"]);
  expect(stackRecords(checkoutOf("other"), shared)).toContainEqual({
    ...made("aa11"),
    hostName: hostname(),
    backend: backendDigest("file:///state"),
  });
});

it("names the checkout that made an id, and none for an id that nobody has written down", () => {
  record("aa11");
  record("bb22", "other");
  expect(makerOf("bb22", shared)).toBe(checkoutOf("other"));
  expect(makerOf("cc33", shared)).toBeUndefined();
});

it("knows a folder by where it is, and a bucket by all that leads to it", () => {
  expect(backendDigest("file:///state?metadata=skip")).toBe(backendDigest("file:///state/"));
  expect(backendDigest("s3://states?endpoint=one")).not.toBe(backendDigest("s3://states?endpoint=two"));
});

it("keeps no password that stands in the address of a backend", () => {
  record("aa11", "lab", "postgres://me:secret@host/states");
  expect(readFileSync(join(shared, "aa11.json"), "utf8")).not.toContain("secret");
});

it("knows a folder of states by where it is, however it was written", () => {
  record("aa11", "lab", "file://states");
  const backend = backendDigest(`file://${join(checkoutOf("lab"), "states")}`);
  expect(stackRecords(checkoutOf("lab"), shared)).toMatchObject([{ backend }]);
});

it("does not take an unknown backend for the one in use", () => {
  recordStack(made("aa11"), shared, {});
  recordStack(made("bb22"), shared, { PULUMI_BACKEND_URL: "" });
  expect(stackRecords(checkoutOf("lab"), shared)).toMatchObject([{ backend: "" }, { backend: "" }]);
});

it("knows a checkout's own stacks after the cache was cleared, and nobody else's", () => {
  record("aa11");
  record("bb22", "other");
  rmSync(shared, { recursive: true });
  expect(ids("lab")).toEqual(["aa11"]);
});

it("believes the cache more than a copy: another checkout may have taken the stack over", () => {
  record("aa11");
  record("aa11", "other");
  expect(stackRecords(checkoutOf("lab"), shared)).toMatchObject([{ checkout: checkoutOf("other") }]);
});

it("does not take a copied checkout for the one that it was copied from", () => {
  record("aa11");
  mkdirSync(kept("copy"), { recursive: true });
  for (const name of readdirSync(kept("lab"))) {
    writeFileSync(join(kept("copy"), name), readFileSync(join(kept("lab"), name)));
  }
  rmSync(shared, { recursive: true });
  expect(ids("copy")).toEqual([]);
});

it("forgets a stack that is gone, in both places", () => {
  record("aa11");
  record("bb22");
  forgetStack("aa11", checkoutOf("lab"), shared);
  expect(ids("lab")).toEqual(["bb22"]);
  expect(existsSync(join(kept("lab"), "aa11.json"))).toBe(false);
});

it("is not disturbed by a file that somebody else put there", () => {
  record("aa11");
  writeFileSync(join(shared, "broken.json"), "{");
  writeFileSync(join(shared, "other.json"), '{"stackId":"../../x"}');
  expect(ids("lab")).toEqual(["aa11"]);
});
