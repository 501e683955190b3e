import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { ResourceContext } from "./resource";

/** Progress lines at a resource. Without an engine (a test) they go nowhere. */
export type Reporter = (urn: string) => ResourceContext["report"];

export function reporterTo(engineAddress: string | undefined): Reporter {
  if (engineAddress === undefined) return () => () => Promise.resolve();
  const engine = new EngineClient(engineAddress, credentials.createInsecure());
  return (urn) =>
    (message, { ephemeral = true } = {}) =>
      new Promise((resolve) => {
        const request = new LogRequest().setSeverity(LogSeverity.INFO).setMessage(message);
        // A lost progress line is no reason to fail the operation.
        engine.log(request.setUrn(urn).setEphemeral(ephemeral), () => resolve());
      });
}
