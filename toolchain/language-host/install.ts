import { status, type ServerWritableStream } from "@grpc/grpc-js";
import { InstallDependenciesResponse, type InstallDependenciesRequest } from "@pulumi/pulumi/proto/language_pb";
import { runChild } from "./children";

/** `pulumi install`: npm's output goes to the user as it comes. */
export function installDependencies(
  call: ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>,
): void {
  const fail = (details: string): void => void call.emit("error", { code: status.UNKNOWN, details });
  runChild(
    "npm",
    ["install", "--no-fund", "--no-audit", "--loglevel=error"],
    { cwd: call.request.getInfo()?.getProgramDirectory(), stdio: ["ignore", "pipe", "pipe"] },
    (child) => {
      child.stdout?.on("data", (chunk: Buffer) => call.write(new InstallDependenciesResponse().setStdout(chunk)));
      child.stderr?.on("data", (chunk: Buffer) => call.write(new InstallDependenciesResponse().setStderr(chunk)));
    },
  ).then(
    (code) => (code === 0 ? call.end() : fail(`npm install exited with code ${code}`)),
    (error: unknown) => fail(String(error)),
  );
}
