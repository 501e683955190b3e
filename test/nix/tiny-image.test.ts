import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildImage, evaluateImage, type EvaluatedImage } from "../../drivers/nix";
import { nixEnvironment } from "../../drivers/nix-environment";
import { probeImageOf } from "../../plan/ready-steps";

/** The image that tests with real guests boot, and the stand-in for Kubernetes in it. Built for real; nothing boots here. */

jest.setTimeout(900_000);

const checkout = resolve(__dirname, "../..");
const source = { flake: ".", attribute: "node-image-tiny", flavour: "tiny" } as const;
const MEGABYTE = 1024 * 1024;

let directory = "";
let evaluated: EvaluatedImage;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "tiny-image-"));
  evaluated = await evaluateImage(source, checkout);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("has facts of the debian image's shape, by evaluation alone", async () => {
  const debian = await evaluateImage({ ...source, attribute: "node-image-debian", flavour: "debian" }, checkout);
  const { facts } = evaluated;
  expect(facts.flavour).toBe("tiny");
  expect(facts.kubernetesVersion).toBe(debian.facts.kubernetesVersion);
  expect(facts.cni).toEqual(debian.facts.cni);
  expect(facts.kubeadm).toEqual(debian.facts.kubeadm);
  expect(probeImageOf(facts.containerImages)).toBe(probeImageOf(debian.facts.containerImages));
  expect(facts.boot.commandLine.split(" ")).toContain("root=/dev/vda");
});

it("is built as its facts say, and is small", async () => {
  const root = join(directory, "image");
  const path = await buildImage({
    ...source,
    checkout,
    store: { kind: "as named" },
    root,
    facts: evaluated.facts,
    report: console.error,
  });
  expect(path).toBe(evaluated.outPath);
  const bytes = readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  expect(bytes).toBeLessThan(150 * MEGABYTE);
  const { packages }: { readonly packages: readonly { readonly name: string }[] } = JSON.parse(
    readFileSync(join(path, "image.json"), "utf8"),
  );
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["busybox-static", "qemu-guest-agent"]));
});

it("passes the stand-in's own tests, with the compiler that builds it", () => {
  const compiler = join(directory, "go");
  const environment = { ...process.env, ...nixEnvironment("tiny", process.env) };
  execFileSync("nix", ["build", "--no-write-lock-file", "--out-link", compiler, `${checkout}#go-compiler`], {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const go = (...args: readonly string[]): string =>
    execFileSync(join(compiler, "bin/go"), args, {
      cwd: join(checkout, "toolchain/tiny-node"),
      encoding: "utf8",
      env: { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly -buildvcs=false", GOTELEMETRY: "off" },
    });
  expect(go("vet", ".")).toBe("");
  expect(go("test", ".")).toContain("ok");
});
