import { connect } from "node:http2";

/** Calls back once the engine is gone, even if it was killed: an idle connection closes with it, nothing polls. */
export function whenEngineGone(address: string, leave: () => void): void {
  connect(`http://${address}`)
    .on("error", () => undefined) // 'close' follows
    .on("close", leave);
}
