import { status, type handleUnaryCall } from "@grpc/grpc-js";
import type { RpcFailure } from "./init-failed-status";

/** An RPC whose failure is already in gRPC's form. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  constructor(readonly failure: RpcFailure) {
    super(failure.details);
  }
}

const failureOf = (error: unknown): RpcFailure =>
  error instanceof RpcError
    ? error.failure
    : { code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };

/** A gRPC handler from a function: what it throws is the answer's error. */
export const unary =
  <Request, Response>(answer: (request: Request) => Response | Promise<Response>): handleUnaryCall<Request, Response> =>
  (call, callback) => {
    const answered = async (): Promise<void> => {
      let response: Response;
      try {
        response = await answer(call.request);
      } catch (error) {
        callback(failureOf(error));
        return;
      }
      callback(null, response);
    };
    void answered();
  };
