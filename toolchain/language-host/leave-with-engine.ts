import { connect } from "node:http2";

/** Preloaded into plugins of others: the process ends when the engine, named by the first argument, is gone. */
const session = connect(`http://${process.argv[2] ?? ""}`);
session.unref();
session.on("error", () => undefined).on("close", () => process.exit(1));
