import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { pulumiEnvironment } from "../../cli/pulumi-environment";
import { embeddedHostLayout } from "../../plan/embedded-host";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "environment-"))));
afterEach(() => rmSync(root, { recursive: true }));

const made = (environment: NodeJS.ProcessEnv) => pulumiEnvironment(placesOf(root), "/programs/pulumi", environment);

it("is ours where the user has set nothing, and where a variable is set and empty; its libvirt is the embedded host, started or not", () => {
  const ours = {
    PULUMI_BACKEND_URL: `file://${root}/.state/pulumi?metadata=skip`,
    PULUMI_HOME: join(root, ".state/pulumi-home"),
    PULUMI_CONFIG_PASSPHRASE_FILE: join(root, ".state/passphrase"),
    LIBVIRT_DEFAULT_URI: embeddedHostLayout(join(root, ".state/host")).uri,
  };
  expect(made({})).toMatchObject(ours);
  rmSync(join(root, ".state/pulumi"), { recursive: true });
  expect(made(Object.fromEntries(Object.keys(ours).map((name) => [name, ""])))).toMatchObject(ours);
  expect(existsSync(join(root, ".state/pulumi"))).toBe(true);
});

it("is the user's where the user has set something; an empty passphrase is one", () => {
  const users = { PULUMI_HOME: "/home", LIBVIRT_DEFAULT_URI: "qemu:///session", PULUMI_CONFIG_PASSPHRASE: "" };
  const environment = made(users);
  expect(environment).toMatchObject(users);
  expect(environment["PULUMI_CONFIG_PASSPHRASE_FILE"]).toBeUndefined();
});

it("has a folder of states written out: Pulumi runs in more than one folder", () => {
  expect(made({ PULUMI_BACKEND_URL: "file://states" })["PULUMI_BACKEND_URL"]).toBe(`file://${root}/states`);
});
