import { Server, ServerCredentials } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  ConfigureResponse,
  GetSchemaResponse,
  InvokeResponse,
  ProviderHandshakeResponse,
  type CheckRequest,
  type ConfigureRequest,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type InvokeRequest,
  type ReadRequest,
  type UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { differences } from "./diff";
import { whenEngineGone } from "./leave-with-engine";
import { reporterTo, type Reporter } from "./report";
import type { Provider, Resource } from "./resource";
import { checkResponse, diffResponse, resourceCalls } from "./resource-calls";
import { unary } from "./unary";
import { plain, struct } from "./wire";

/** Serves a provider to the Pulumi engine. */

/** What counts as a changed provider: everything is taken up in place, nothing below it is replaced. */
const providerResource: Resource = {
  create: () => Promise.reject(new Error("providers are configured, not created")),
  update: () => Promise.reject(new Error("providers are configured, not updated")),
};

function handlers(provider: Provider, reporter: Reporter) {
  const cancelled = new AbortController();
  const calls = resourceCalls(provider, reporter, cancelled.signal);
  return {
    handshake: unary(() => new ProviderHandshakeResponse().setAcceptSecrets(true)),
    getPluginInfo: unary(() => new PluginInfo().setVersion(provider.version)),
    getSchema: unary(() =>
      new GetSchemaResponse().setSchema(JSON.stringify({ name: provider.name, version: provider.version })),
    ),
    checkConfig: unary((request: CheckRequest) =>
      checkResponse(request.getNews(), provider.checkConfig?.(plain(request.getNews())) ?? {}),
    ),
    diffConfig: unary((request: DiffRequest) => {
      const [olds, news] = [plain(request.getOldInputs() ?? request.getOlds()), plain(request.getNews())];
      return diffResponse(providerResource, provider.diffConfig?.(olds, news) ?? differences(olds, news));
    }),
    configure: unary(async (request: ConfigureRequest) => {
      await provider.configure?.(plain(request.getArgs()));
      return new ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    check: unary((request: CheckRequest) => calls.check(request)),
    diff: unary((request: DiffRequest) => calls.diff(request)),
    create: unary((request: CreateRequest) => calls.create(request)),
    update: unary((request: UpdateRequest) => calls.update(request)),
    read: unary((request: ReadRequest) => calls.read(request)),
    delete: unary((request: DeleteRequest) => calls.delete(request)),
    invoke: unary(async (request: InvokeRequest) => {
      const called = provider.functions?.[request.getTok()];
      if (called === undefined) throw new Error(`${provider.name} has no function ${request.getTok()}`);
      return new InvokeResponse().setReturn(struct(await called(plain(request.getArgs()))));
    }),
    /** Comes at the normal end too, so it is silent. */
    cancel: unary(() => {
      cancelled.abort();
      return new Empty();
    }),
  };
}

/** Resolves with the port once the provider can be called. */
export function startServer(provider: Provider, engineAddress?: string): Promise<{ port: number; server: Server }> {
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new Server(unlimited);
  server.addService(ResourceProviderService, handlers(provider, reporterTo(engineAddress)));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve({ port, server }) : reject(error),
    );
  });
}

const leave = (): never => process.exit(0);

/** The main function of a plugin: the port is the first line on standard output, and it leaves with the engine. */
export async function serve(provider: Provider): Promise<void> {
  const engineAddress = process.argv[2];
  const { port } = await startServer(provider, engineAddress);
  if (engineAddress !== undefined) whenEngineGone(engineAddress, leave);
  // Plugins have a process group of their own, so this is the engine's last word, after Cancel, and never the user's Ctrl-C.
  process.on("SIGINT", leave);
  process.stdout.write(`${port}\n`);
}
