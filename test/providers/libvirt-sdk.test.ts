import type * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { sdkProperties } from "../fixtures/sdk-properties";

/** What a typed program reads of resources: that it compiles is half of the test. */

const FILLED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "libvirt:index/network:Network": { mode: "nat", addresses: [], dhcp: { enabled: true } },
  "libvirt:index/domain:Domain": { memory: 512, disks: [{ volumeId: "/pool/disk" }] },
};

const registered: Readonly<Record<string, unknown>>[] = [];
let sdk: typeof libvirt;

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push(inputs);
      return { id: `${name}-id`, state: { ...inputs, ...FILLED[type] } };
    },
    call: ({ token }) => {
      throw new Error(`unexpected call of ${token}`);
    },
  });
  // Resources must not be loaded before the mocks are set.
  sdk = require("@pulumi/libvirt");
});

const valueOf = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));

it("reads what the program did not set: the provider's defaults, and nothing where there is none", async () => {
  const machine = new sdk.Domain("machine");
  const memory: pulumi.Output<number> = machine.memory;
  const kernel: pulumi.Output<string | undefined> = machine.kernel;
  const disk: pulumi.Output<string | undefined> = machine.disks.apply(([first]) => first?.volumeId);
  expect(await Promise.all([valueOf(memory), valueOf(kernel), valueOf(disk)])).toEqual([512, undefined, "/pool/disk"]);

  const network = new sdk.Network("network");
  const mode: pulumi.Output<string> = network.mode;
  const addresses: pulumi.Output<readonly string[]> = network.addresses;
  const isOn: pulumi.Output<boolean | undefined> = network.dhcp.apply(({ enabled }) => enabled);
  expect(await Promise.all([valueOf(mode), valueOf(addresses), valueOf(isOn)])).toEqual(["nat", [], true]);
});

it("has every property that a program may set as an output, and sends none that it did not", async () => {
  const made = {
    Network: new sdk.Network("n"),
    Pool: new sdk.Pool("p", { type: "dir" }),
    Volume: new sdk.Volume("v"),
    CloudInitDisk: new sdk.CloudInitDisk("c"),
    Domain: new sdk.Domain("d"),
  };
  for (const [name, resource] of Object.entries(made)) {
    const outputs = new Map<string, unknown>(Object.entries(resource));
    const missing = sdkProperties(name).filter(
      (path) => /^\w+$/.test(path) && !pulumi.Output.isInstance(outputs.get(path)),
    );
    expect([name, missing]).toEqual([name, []]);
    await valueOf(resource.id);
  }
  expect(registered.slice(-5)).toEqual([{}, { type: "dir" }, {}, {}, {}]);
});
