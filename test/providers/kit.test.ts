import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DiffRequest,
  ErrorResourceInitFailed,
  InvokeRequest,
  PropertyDiff,
  ReadRequest,
  type CheckResponse,
  type ConfigureResponse,
  type CreateResponse,
  type DiffResponse,
  type InvokeResponse,
  type ReadResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { Server } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { InitFailed } from "../../providers/kit/init-failed";
import { UNKNOWN, type Provider } from "../../providers/kit/resource";
import { startServer } from "../../providers/kit/serve";

/** The kit over a real gRPC connection, with a small resource of its own. */

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (value: JavaScriptValue) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value });
const TYPE = "fake:index:Thing";
const URN = `urn:pulumi:dev::p::${TYPE}::one`;

const provider: Provider = {
  name: "fake",
  version: "1.0.0",
  functions: { "fake:index:twice": ({ n }) => Promise.resolve({ n: Number(n) * 2 }) },
  resources: {
    [TYPE]: {
      replaceOn: ["pool", "target.path"],
      stable: ["uuid"],
      secret: ["token"],
      deleteBeforeReplace: true,
      check: ({ inputs }) => ({
        inputs: { size: 1, ...inputs },
        failures: inputs["size"] === 0 ? [{ property: "size", reason: "must be above 0" }] : [],
      }),
      async create({ inputs, preview, signal }) {
        if (inputs["mode"] === "half") throw new InitFailed("half-1", { ...inputs, token: "t" }, ["not ready"]);
        if (inputs["mode"] === "wait") {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          throw new Error("cancelled before anything was made");
        }
        return { id: "one-1", outputs: { ...inputs, uuid: preview ? UNKNOWN : "u", token: "t", absent: undefined } };
      },
      update: ({ inputs }) => Promise.resolve({ outputs: inputs }),
      read: ({ id, state }) => Promise.resolve(id === "gone" ? undefined : { outputs: { ...state, size: 7 } }),
    },
  },
};

let server: Server;
let client: ResourceProviderClient;

beforeAll(async () => {
  const started = await startServer(provider);
  server = started.server;
  client = new ResourceProviderClient(`127.0.0.1:${started.port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

const ask = <Response>(call: (done: (error: ServiceError | null, response: Response) => void) => unknown) =>
  new Promise<Response>((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(error)));
  });

/** The one detail that the engine reads of a failed creation. */
function initFailure(error: unknown): ErrorResourceInitFailed {
  if (!(error instanceof Error) || !("metadata" in error) || !(error.metadata instanceof Metadata)) throw error;
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) throw error;
  const [any] = Status.deserializeBinary(bytes).getDetailsList();
  return ErrorResourceInitFailed.deserializeBinary(any?.getValue_asU8() ?? new Uint8Array());
}

const struct = (values: Record<string, JavaScriptValue>): Struct => Struct.fromJavaScript(values);

const creation = (values: Record<string, JavaScriptValue>, preview = false): CreateRequest =>
  new CreateRequest().setUrn(URN).setType(TYPE).setName("one").setPreview(preview).setProperties(struct(values));

const diffOf = (olds: Record<string, JavaScriptValue>, news: Record<string, JavaScriptValue>): DiffRequest =>
  new DiffRequest().setUrn(URN).setType(TYPE).setOlds(struct(olds)).setOldInputs(struct(olds)).setNews(struct(news));

describe("the provider kit", () => {
  it("says that it takes secrets and supports previews", async () => {
    const response = await ask<ConfigureResponse>((done) => client.configure(new ConfigureRequest(), done));
    expect([response.getAcceptsecrets(), response.getSupportspreview()]).toStrictEqual([true, true]);
  });

  it("keeps a secret input secret in its output, at any depth, and adds the resource's own", async () => {
    const response = await ask<CreateResponse>((done) =>
      client.create(creation({ size: 2, env: { password: secret("p") } }), done),
    );
    expect(response.getId()).toBe("one-1");
    expect(response.getProperties()?.toJavaScript()).toStrictEqual({
      size: 2,
      env: secret({ password: "p" }),
      uuid: "u",
      token: secret("t"),
    });
  });

  it("answers a preview with what is known, unknown for the rest, and no id", async () => {
    const response = await ask<CreateResponse>((done) => client.create(creation({ size: UNKNOWN }, true), done));
    expect(response.getId()).toBe("");
    expect(response.getProperties()?.toJavaScript()).toMatchObject({ size: UNKNOWN, uuid: UNKNOWN });
  });

  it("fills in defaults and lists what is wrong, and keeps secrets in check", async () => {
    const request = new CheckRequest().setUrn(URN).setType(TYPE);
    const fine = await ask<CheckResponse>((done) =>
      client.check(request.setNews(struct({ password: secret("p") })), done),
    );
    expect(fine.getInputs()?.toJavaScript()).toStrictEqual({ size: 1, password: secret("p") });
    const wrong = await ask<CheckResponse>((done) => client.check(request.setNews(struct({ size: 0 })), done));
    expect(wrong.getFailuresList().map((each) => each.toObject())).toStrictEqual([
      { property: "size", reason: "must be above 0" },
    ]);
  });

  it("names exactly the paths that changed, and what replaces", async () => {
    const olds = { pool: "a", target: { path: "/a", mode: 1 }, tags: ["x", "y"], old: 1 };
    const news = { pool: "a", target: { path: "/b", mode: 1 }, tags: ["x", "z"], fresh: 1 };
    const response = await ask<DiffResponse>((done) => client.diff(diffOf(olds, news), done));
    const byPath: Record<string, number> = {};
    response.getDetaileddiffMap().forEach((diff, path) => (byPath[path] = diff.getKind()));
    const { Kind } = PropertyDiff;
    expect(byPath).toStrictEqual({
      "target.path": Kind.UPDATE_REPLACE,
      "tags[1]": Kind.UPDATE,
      old: Kind.DELETE,
      fresh: Kind.ADD,
    });
    expect(response.getReplacesList()).toStrictEqual(["target"]);
    expect(response.getDeletebeforereplace()).toBe(true);
    expect(response.getStablesList()).toStrictEqual([]);
  });

  it("keeps stable outputs in an update, and shows no change without one", async () => {
    const changed = await ask<DiffResponse>((done) => client.diff(diffOf({ size: 1 }, { size: 2 }), done));
    expect(changed.getStablesList()).toStrictEqual(["uuid"]);
    const same = await ask<DiffResponse>((done) =>
      client.diff(diffOf({ size: 1, a: { b: [1] } }, { a: { b: [1] }, size: 1 }), done),
    );
    expect([same.getChanges(), same.getDetaileddiffMap().getLength()]).toStrictEqual([1, 0]);
  });

  it("hands over a half-done creation with id, outputs and reasons, its secrets wrapped", async () => {
    const error: unknown = await ask<CreateResponse>((done) => client.create(creation({ mode: "half" }), done)).catch(
      (each: unknown) => each,
    );
    const detail = initFailure(error);
    expect(detail.getId()).toBe("half-1");
    expect(detail.getReasonsList()).toStrictEqual(["not ready"]);
    expect(detail.getProperties()?.toJavaScript()).toStrictEqual({ mode: "half", token: secret("t") });
    expect(detail.getInputs()?.toJavaScript()).toStrictEqual({ mode: "half" });
  });

  it("reads drift, and says of something gone that it is gone", async () => {
    const request = new ReadRequest()
      .setUrn(URN)
      .setType(TYPE)
      .setProperties(struct({ size: 1 }));
    const there = await ask<ReadResponse>((done) => client.read(request.setId("one-1"), done));
    expect(there.getProperties()?.toJavaScript()).toStrictEqual({ size: 7 });
    expect((await ask<ReadResponse>((done) => client.read(request.setId("gone"), done))).getId()).toBe("");
  });

  it("calls functions, and names what it does not have", async () => {
    const twice = new InvokeRequest().setTok("fake:index:twice").setArgs(struct({ n: 2 }));
    expect((await ask<InvokeResponse>((done) => client.invoke(twice, done))).getReturn()?.toJavaScript()).toStrictEqual(
      { n: 4 },
    );
    const other = new CreateRequest().setUrn("urn:pulumi:dev::p::fake:index:Other::x").setProperties(struct({}));
    await expect(ask<CreateResponse>((done) => client.create(other, done))).rejects.toThrow(
      `no resource fake:index:Other; it has ${TYPE}`,
    );
  });

  it("aborts what runs when the engine cancels", async () => {
    const waiting = ask<CreateResponse>((done) => client.create(creation({ mode: "wait" }), done)).catch(String);
    // The creation is under way once the next call on the same connection is answered.
    await ask<PluginInfo>((done) => client.getPluginInfo(new Empty(), done));
    await ask<Empty>((done) => client.cancel(new Empty(), done));
    expect(await waiting).toContain("cancelled before anything was made");
  });
});
