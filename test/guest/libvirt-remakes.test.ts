import { writeFileSync } from "node:fs";
import type { Properties, Resource } from "../../providers/kit/resource";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { pool } from "../../providers/libvirt/pool";
import { hostOfTestFile } from "../fixtures/libvirt-host";
import { create, read, refresh, remove, update } from "../fixtures/libvirt-resources";

/** What an update makes again stays the object that the state knows, also without a stackId. A real libvirtd, no guest. */

const MINUTE = 60_000;
jest.setTimeout(2 * MINUTE);

const { host, virsh, inFolder } = hostOfTestFile();

const poolArgs = () => ({ name: "pool", type: "dir", path: inFolder("pool") });
const networkArgs = () => ({ name: "net", mode: "none", addresses: ["10.99.1.0/24"] });
const domainArgs = () => ({ name: "guest", type: "qemu", memory: 64, running: false });

const movePool = (): void => {
  virsh("pool-destroy", "pool");
  host().edit("pool", "pool", (xml) => xml.replace("/pool</path>", "/elsewhere</path>"));
  virsh("pool-build", "pool");
  virsh("pool-start", "pool");
};

const losePool = (): void => {
  virsh("pool-destroy", "pool");
  virsh("pool-undefine", "pool");
};

const loseNetwork = (): void => {
  virsh("net-destroy", "net");
  virsh("net-undefine", "net");
};

const loseDomain = (): void => void virsh("undefine", "guest");

const definePool = (): void =>
  host().define("pool-define", `<pool type='dir'><name>pool</name><target><path>/tmp</path></target></pool>`);
const defineNetwork = (): void => host().define("net-define", "<network><name>net</name></network>");
const defineDomain = (): void =>
  host().define(
    "define",
    "<domain type='qemu'><name>guest</name><memory>65536</memory><os><type>hvm</type></os></domain>",
  );

const LOST: readonly (readonly [string, Resource, () => Properties, () => void])[] = [
  ["a pool at another folder", pool, poolArgs, movePool],
  ["a pool that is gone", pool, poolArgs, losePool],
  ["a network that is gone", network, networkArgs, loseNetwork],
  ["a domain that is gone", domain, domainArgs, loseDomain],
];

describe.each([
  ["without a stackId", {}],
  ["with one", { stackId: "c0ffee" }],
])("%s", (_, stack) => {
  it.each(LOST)("%s comes back as the one that the state has", async (_title, resource, args, change) => {
    const wanted = { ...args(), ...stack };
    const made = await create(resource, "r", wanted);
    change();
    const repaired = await update(resource, "r", made, wanted);
    expect(await refresh(resource, "r", repaired)).toEqual({ made: repaired, changes: [] });
    await remove(resource, "r", repaired);
    expect(host().objects()).toEqual([]);
  });
});

it.each<readonly [string, Resource, () => Properties, () => void, () => void]>([
  ["pool", pool, poolArgs, losePool, definePool],
  ["network", network, networkArgs, loseNetwork, defineNetwork],
  ["domain", domain, domainArgs, loseDomain, defineDomain],
])("a %s of nobody's that took its name is not changed", async (_, resource, args, lose, takeName) => {
  const made = await create(resource, "r", args());
  lose();
  takeName();
  expect(await read(resource, "r", made)).toBeUndefined();
  await expect(update(resource, "r", made, args())).rejects.toThrow("it was not changed");
});

describe("the folder of a pool", () => {
  it.each([
    ["path", (path: string) => ({ path })],
    ["target.path", (path: string) => ({ target: { path } })],
  ])("as %s may be written with slashes that libvirt leaves out", async (_, place) => {
    const odd = { name: "pool", type: "dir", ...place(`${host().directory}//pool/`), stackId: "c0ffee" };
    const made = await create(pool, "p", odd);
    writeFileSync(inFolder("pool/disk"), "");
    expect(await refresh(pool, "p", made)).toEqual({ made, changes: [] });
    const same = await update(pool, "p", made, odd);
    expect(await refresh(pool, "p", same)).toEqual({ made, changes: [] });
    expect(virsh("pool-info", "pool")).toContain(made.id);
    expect(pool.diff?.({ ...requestOf(made), inputs: { ...odd, ...place(inFolder("pool")) } })).toEqual([]);
    expect(pool.diff?.({ ...requestOf(made), inputs: { ...odd, ...place(inFolder("other")) } })).toMatchObject([
      { kind: "UPDATE" },
    ]);
  });
});

const requestOf = ({ id, inputs, state }: Awaited<ReturnType<typeof create>>) => ({
  urn: "",
  name: "p",
  type: "",
  report: async () => undefined,
  id,
  oldInputs: inputs,
  state,
});
