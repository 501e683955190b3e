import {
  strayBridges,
  verdictsOn,
  type GarbageSearch,
  type KnownRecord,
  type OwnStack,
  type Verdict,
} from "../../plan/garbage";
import { folderVerdict } from "../../plan/garbage-folders";
import { embeddedHostLayout } from "../../plan/embedded-host";
import type { HostObject } from "../../plan/host-object";
import { bridgeName } from "../../plan/names";
import { stackPoolUuid } from "../../plan/stack-pool";
import { backendDigest, ownBackend } from "../../plan/stack-record";

const HERE = "/home/me/lab";
const OTHER = "/home/me/other";
const URI = "qemu:///system";

const identity = (stack: string, stackId: string) => ({ project: "replikube", stack, stackId });

const record = (stack: string, stackId: string, more: Partial<KnownRecord> = {}): KnownRecord => {
  const checkout = more.checkout ?? HERE;
  return {
    ...identity(stack, stackId),
    checkout,
    hostName: "box",
    libvirtUri: URI,
    backend: backendDigest(ownBackend(checkout)),
    checkoutIs: "there",
    ...more,
  };
};

const objectsOf = (stack: string, stackId: string, checkout = HERE): readonly HostObject[] => {
  const mark = identity(stack, stackId);
  const name = `replikube-${stack}`;
  return [
    { kind: "network", name, mark },
    { kind: "pool", name, mark, path: `${checkout}/.state/stacks/${stack}/pool` },
    { kind: "volume", name: `${name}-worker-0.qcow2`, pool: name },
    { kind: "volume", name: "replikube-mark", pool: name },
    { kind: "domain", name: `${name}-worker-0`, mark },
  ];
};

const search = (more: Partial<GarbageSearch>): GarbageSearch => ({
  checkout: HERE,
  hostName: "box",
  backend: backendDigest(ownBackend(HERE)),
  listsEveryStack: true,
  ownStacks: [],
  records: [],
  libvirtUri: URI,
  objects: [],
  ...more,
});

const only = (more: Partial<GarbageSearch>): Verdict => {
  const [verdict, ...others] = verdictsOn(search(more));
  if (verdict === undefined || others.length > 0) throw new Error(`${others.length + 1} verdicts`);
  return verdict;
};

const dev = objectsOf("dev", "aa11");
const alive: OwnStack = { stack: "dev", stackId: "aa11" };

describe("what this checkout has made", () => {
  it("is alive while its state is there, whatever the record says", () => {
    const record1 = record("dev", "aa11", { checkout: OTHER, checkoutIs: "gone" });
    expect(only({ objects: dev, ownStacks: [alive], records: [record1] }).kind).toBe("alive");
    expect(only({ objects: dev, ownStacks: [{ ...alive, stack: "renamed" }] }).kind).toBe("alive");
  });

  it("is garbage without a state, and goes in an order that works; what others put into its pool stays", () => {
    const verdict = only({ objects: dev, records: [record("dev", "aa11")] });
    expect(verdict).toMatchObject({ kind: "orphan", why: expect.stringContaining("no state of stack dev, id aa11") });
    expect(verdict.kind === "orphan" && verdict.remnants.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "domain replikube-dev-worker-0",
      "volume replikube-dev-worker-0.qcow2",
      "pool replikube-dev",
      "network replikube-dev",
    ]);
  });

  it("is garbage where its pool was cut off before it had its mark, beside a new stack of that name too", () => {
    const uuid = stackPoolUuid(identity("dev", "aa11"));
    const pool: HostObject = { kind: "pool", name: "replikube-dev", path: "/data/pool", uuid };
    const objects = [pool];
    const records = [record("dev", "aa11")];
    expect(only({ objects, records })).toMatchObject({ kind: "orphan", objects, remnants: objects });
    expect(only({ objects, records, ownStacks: [{ stack: "dev", stackId: "bb22" }] })).toMatchObject({
      hasSuccessor: true,
      remnants: objects,
    });
    expect(only({ objects, records: [record("dev", "bb22")] })).toMatchObject({ objects: [], remnants: [] });
  });

  it("is garbage beside a new stack of the same name, whose folder and addresses stay", () => {
    const objects = [...dev, ...objectsOf("dev", "bb22").slice(0, 1)];
    const verdicts = verdictsOn(
      search({
        objects,
        ownStacks: [{ stack: "dev", stackId: "bb22" }],
        records: [record("dev", "aa11"), record("dev", "bb22")],
      }),
    );
    expect(verdicts.map(({ kind, identity: { stackId } }) => [stackId, kind])).toEqual([
      ["aa11", "orphan"],
      ["bb22", "alive"],
    ]);
    expect(verdicts[0]).toMatchObject({ hasSuccessor: true, search: { identity: identity("dev", "aa11") } });
    expect(verdicts[0]).not.toHaveProperty("search.poolFolder");
  });

  it("is left alone while somebody works on the stack", () => {
    const ownStacks = [{ stack: "dev", holder: "process 7 of me on box since noon" }];
    expect(only({ objects: dev, ownStacks, records: [record("dev", "aa11")] })).toMatchObject({
      kind: "left",
      why: "process 7 of me on box since noon works on stack dev",
    });
  });

  it.each([
    ["in another backend", { backend: "another" }, {}, "not in the backend that is used now"],
    ["in a backend that nobody told of", { backend: "" }, { backend: "" }, "is not known"],
    ["perhaps another organisation's", {}, { listsEveryStack: false }, "another organisation"],
  ] as const)("is left alone when its state is %s", (_, inRecord, inSearch, why) => {
    const records = [record("dev", "aa11", inRecord)];
    expect(only({ objects: dev, records, ...inSearch })).toMatchObject({
      kind: "left",
      why: expect.stringContaining(why),
    });
  });

  it("may have only its record and a pool without a mark left, which goes by its folder", () => {
    const pool = { kind: "pool", name: "replikube-dev", path: `${HERE}/.state/stacks/dev/pool` } as const;
    const verdict = only({ objects: [pool], records: [record("dev", "aa11")] });
    expect(verdict).toMatchObject({ kind: "orphan", objects: [], remnants: [pool] });
    const elsewhere = only({ objects: [{ ...pool, path: "/somewhere" }], records: [record("dev", "aa11")] });
    expect(elsewhere).toMatchObject({ kind: "orphan", remnants: [] });
  });
});

describe("what another checkout has made", () => {
  const others = objectsOf("dev", "aa11", OTHER);

  it.each([
    ["is there", { checkoutIs: "there" }, `it is a stack of ${OTHER}, which is there`],
    ["cannot be looked at", { checkoutIs: "unknown" }, "cannot be seen"],
    ["is on another machine", { checkoutIs: "gone", hostName: "elsewhere" }, `${OTHER} on elsewhere`],
    ["is gone, but its states are not", { checkoutIs: "gone", backend: "another" }, "its state was kept elsewhere"],
  ] as const)("is left alone when that checkout %s", (_, more, why) => {
    const verdict = only({ objects: others, records: [record("dev", "aa11", { checkout: OTHER, ...more })] });
    expect(verdict).toMatchObject({ kind: "left", why: expect.stringContaining(why) });
  });

  it("is garbage when that checkout is gone with its states and its disks", () => {
    const verdict = only({
      objects: others,
      records: [record("dev", "aa11", { checkout: OTHER, checkoutIs: "gone" })],
    });
    expect(verdict).toMatchObject({ kind: "orphan", checkout: OTHER, why: `stack dev of ${OTHER}, which is gone` });
    expect(verdict.kind === "orphan" && verdict.remnants).toHaveLength(4);
  });

  it("is left alone when its disks are outside: then the checkout may have been moved", () => {
    const objects = others.map((each) => (each.kind === "pool" ? { ...each, path: "/srv/pool" } : each));
    const verdict = only({ objects, records: [record("dev", "aa11", { checkout: OTHER, checkoutIs: "gone" })] });
    expect(verdict).toMatchObject({ kind: "left", why: expect.stringContaining("/srv/pool") });
  });

  it("takes nothing of this checkout's stack of the same name", () => {
    const verdicts = verdictsOn(
      search({
        objects: [...others, ...objectsOf("dev", "bb22")],
        ownStacks: [{ stack: "dev", stackId: "bb22" }],
        records: [record("dev", "aa11", { checkout: OTHER, checkoutIs: "gone" }), record("dev", "bb22")],
      }),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(["orphan", "alive"]);
    const [orphan] = verdicts;
    expect(orphan?.kind === "orphan" && orphan.remnants.some(({ mark }) => mark?.stackId === "bb22")).toBe(false);
  });
});

it("leaves alone what nobody is known to have made, and does not even name what carries no mark", () => {
  const mine: HostObject = { kind: "domain", name: "windows" };
  expect(only({ objects: [...dev, mine] })).toMatchObject({
    kind: "left",
    objects: expect.not.arrayContaining([mine]),
    why: expect.stringContaining("another user's"),
  });
});

describe("a record without objects", () => {
  it("of another libvirt waits until that one is looked at", () => {
    const records = [record("dev", "aa11", { libvirtUri: "qemu+ssh://far/system" })];
    expect(only({ records }).kind).toBe("elsewhere");
    expect(only({ records: [record("dev", "aa11")] }).kind).toBe("orphan");
  });

  it("of a checkout that is gone with its embedded host is garbage with that host", () => {
    const hostDirectory = `${OTHER}/.state/host`;
    const libvirtUri = embeddedHostLayout(hostDirectory).uri;
    const gone = { checkout: OTHER, checkoutIs: "gone", libvirtUri } as const;
    expect(only({ records: [record("dev", "aa11", gone)] })).toMatchObject({ kind: "orphan", hostDirectory });
    expect(only({ records: [record("dev", "aa11", { ...gone, checkoutIs: "there" })] }).kind).toBe("elsewhere");
  });
});

const ofFolder = (hasDisks: boolean, more: Partial<GarbageSearch>) => {
  const all = search(more);
  return folderVerdict({ stack: "dev", hasDisks }, all, verdictsOn(all));
};

describe("the folder of a stack", () => {
  it("is kept with its stack, and while somebody works on it", () => {
    expect(ofFolder(true, { ownStacks: [alive] }).kind).toBe("kept");
    expect(ofFolder(false, { ownStacks: [{ stack: "dev", holder: "process 7" }] }).kind).toBe("kept");
  });

  it("goes with an orphan, disks and all, and with a stack of which nothing is left when it has no disks", () => {
    expect(ofFolder(true, { objects: dev, records: [record("dev", "aa11")] }).kind).toBe("garbage");
    expect(ofFolder(false, { ownStacks: [{ stack: "dev" }] }).kind).toBe("garbage");
  });

  it("is left alone when nobody knows the stack, or when another libvirt may use it", () => {
    const unknown = { kind: "left", why: expect.stringContaining("nothing is known of the stack") };
    expect(ofFolder(false, {})).toMatchObject(unknown);
    expect(ofFolder(true, { ownStacks: [{ stack: "dev" }] })).toMatchObject(unknown);
    const records = [record("dev", "aa11"), record("dev", "bb22", { libvirtUri: "qemu:///session" })];
    expect(ofFolder(false, { records })).toMatchObject({ kind: "left", why: expect.stringContaining("id bb22") });
  });
});

it("knows a bridge that no network has any more", () => {
  const mark = identity("dev", "aa11");
  const objects: readonly HostObject[] = [
    { kind: "network", name: "replikube-dev", mark },
    { kind: "bridge", name: bridgeName(mark) },
    { kind: "bridge", name: "rk01234567" },
    { kind: "bridge", name: "virbr0" },
  ];
  expect(strayBridges(objects, bridgeName)).toEqual(["rk01234567"]);
});
