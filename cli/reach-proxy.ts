import { openStream, reachOf } from "../drivers/reach";

/** ssh's ProxyCommand: standard input and output become a byte stream to a guest. Arguments: libvirt URI, address, port. */
const leave = (): never => process.exit(0);

/** Through a host it is known late that a guest refuses; ssh would say only that the connection was closed. */
function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const [libvirtUri = "", host = "", port = ""] = process.argv.slice(2);
  const stream = await openStream(reachOf(libvirtUri), { host, port: Number(port) });
  stream.on("error", fail).on("close", leave);
  process.stdin.on("error", leave).pipe(stream).pipe(process.stdout).on("error", leave);
}

main().catch(fail);
