import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
  AboutResponse,
  DependencyInfo,
  GetProgramDependenciesResponse,
  GetRequiredPackagesResponse,
  RuntimeOptionsResponse,
  type GetProgramDependenciesRequest,
  type GetRequiredPackagesRequest,
  type RunRequest,
} from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "@pulumi/pulumi/version";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { whenEngineGone } from "../../providers/kit/leave-with-engine";
import { unary } from "../../providers/kit/unary";
import { leave, stopChildren } from "./children";
import { installDependencies } from "./install";
import { installedPackages } from "./packages";
import { runProgram } from "./run-program";

/** Pulumi's LanguageRuntime service for Node.js programs, for machines where the official one cannot be had. */

/** Served by path in Pulumi.yaml; `pulumi install` would try to download it nevertheless. */
const SERVED_BY_PATH: readonly string[] = ["libvirt"];

/** The engine passes flags and, last, its own address. */
const engineAddress = process.argv.slice(2).findLast((arg) => !arg.startsWith("-")) ?? "";

const handlers = {
  getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
  about: unary(() => new AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
  runtimeOptionsPrompts: unary(() => new RuntimeOptionsResponse()),
  getRequiredPackages: unary((request: GetRequiredPackagesRequest) => {
    const response = new GetRequiredPackagesResponse();
    for (const { plugin } of installedPackages(request.getInfo()?.getProgramDirectory() ?? "")) {
      if (plugin === undefined || SERVED_BY_PATH.includes(plugin.name)) continue;
      const dependency = new PackageDependency().setKind("resource").setName(plugin.name);
      response.addPackages(dependency.setVersion(plugin.version).setServer(plugin.server));
    }
    return response;
  }),
  getProgramDependencies: unary((request: GetProgramDependenciesRequest) => {
    const response = new GetProgramDependenciesResponse();
    for (const installed of installedPackages(request.getInfo()?.getProgramDirectory() ?? "")) {
      if (!installed.direct && !request.getTransitivedependencies()) continue;
      response.addDependencies(new DependencyInfo().setName(installed.name).setVersion(installed.version));
    }
    return response;
  }),
  run: unary((request: RunRequest) => runProgram(request, engineAddress)),
  /** The engine gives up (Ctrl-C), or is done: the program ends, operations in flight end by themselves. */
  cancel: unary(() => {
    stopChildren();
    return new Empty();
  }),
  installDependencies,
};

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, handlers);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  if (engineAddress !== "") whenEngineGone(engineAddress, leave);
  process.on("SIGINT", leave).on("SIGTERM", leave);
  process.stdout.write(`${port}\n`);
});
