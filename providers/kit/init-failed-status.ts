import { Metadata, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { InitFailed } from "./init-failed";

/** An error as gRPC's callback takes it. */
export interface RpcFailure {
  readonly code: status;
  readonly details: string;
  readonly metadata?: Metadata;
}

/** The engine reads a half-done resource from the status details, in this one encoding. */
export function initFailedStatus(error: InitFailed, outputs: Struct, inputs: Struct | undefined): RpcFailure {
  const detail = new ErrorResourceInitFailed()
    .setId(error.id)
    .setReasonsList([...error.reasons])
    .setProperties(outputs);
  detail.setInputs(inputs);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const details = new Status();
  details.setCode(status.UNKNOWN);
  details.setMessage(error.message);
  details.addDetails(any);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(details.serializeBinary()));
  return { code: status.UNKNOWN, details: error.message, metadata };
}
