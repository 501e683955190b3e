import { createRequire } from "node:module";
import { join } from "node:path";
import { RunResponse, type RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { runChild } from "./children";

/** Runs the program to its end by the project's own @pulumi/pulumi/cmd/run. */

/** cmd/run leaves with this code when it has already shown the user what went wrong. */
const ALREADY_REPORTED = 32;

export async function runProgram(request: RunRequest, engineAddress: string): Promise<RunResponse> {
  const info = request.getInfo();
  const programFolder = info?.getProgramDirectory() ?? request.getPwd();
  const options: Readonly<Record<string, unknown>> = info?.getOptions()?.toJavaScript() ?? {};
  const text = (name: string): string => (typeof options[name] === "string" ? options[name] : "");
  const tsconfig = text("tsconfig");
  const args = [
    ...text("nodeargs")
      .split(/\s+/)
      .filter((arg) => arg !== ""),
    `--require=${join(__dirname, "preload.js")}`,
    createRequire(join(programFolder, "package.json")).resolve("@pulumi/pulumi/cmd/run"),
    `--monitor=${request.getMonitorAddress()}`,
    `--engine=${engineAddress}`,
    `--organization=${request.getOrganization()}`,
    `--project=${request.getProject()}`,
    `--stack=${request.getStack()}`,
    `--pwd=${request.getPwd()}`,
    `--root-directory=${info?.getRootDirectory() ?? ""}`,
    `--parallel=${request.getParallel()}`,
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() || ".",
    ...request.getArgsList(),
  ];
  const code = await runChild(process.execPath, args, {
    cwd: request.getPwd(),
    stdio: ["ignore", "inherit", "inherit"], // the engine shows our output on the stack
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      PULUMI_NODEJS_TYPESCRIPT: String(options["typescript"] !== false),
      ...(tsconfig === "" ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
    },
  });
  const response = new RunResponse();
  if (code === ALREADY_REPORTED) return response.setBail(true);
  return code === 0 ? response : response.setError(`the program exited with code ${code}`);
}
