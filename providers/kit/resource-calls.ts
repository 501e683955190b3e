import {
  CheckFailure,
  CheckResponse,
  CreateResponse,
  DiffResponse,
  PropertyDiff,
  ReadResponse,
  UpdateResponse,
  type CheckRequest,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type ReadRequest,
  type UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { differences, replacesBy, topOf } from "./diff";
import { InitFailed } from "./init-failed";
import { initFailedStatus } from "./init-failed-status";
import type { Reporter } from "./report";
import type { Change, Checked, Properties, Provider, Resource, ResourceContext } from "./resource";
import { RpcError } from "./unary";
import { plain, secretNames, struct } from "./wire";

/** The engine's calls on resources, as calls on the provider's `Resource`s. */

interface Named {
  getUrn(): string;
  getName(): string;
  getType(): string;
}

const { DiffChanges } = DiffResponse;

/** Older engines send no type and name beside the URN `urn:pulumi:stack::project::parent$type::name`. */
const typeOf = (request: Named): string =>
  request.getType() || (request.getUrn().split("::")[2]?.split("$").at(-1) ?? "");
const nameOf = (request: Named): string => request.getName() || request.getUrn().split("::").slice(3).join("::");

export function checkResponse(inputs: Struct | undefined, { inputs: checked, failures = [] }: Checked): CheckResponse {
  const response = new CheckResponse();
  const secrets = secretNames(inputs);
  response.setInputs(checked === undefined ? inputs : struct(checked, secrets));
  for (const { property, reason, got } of failures) {
    const value = secrets.includes(topOf(property)) ? "a secret" : JSON.stringify(got);
    const told = got === undefined ? reason : `${reason}, got ${value}`;
    response.addFailures(new CheckFailure().setProperty(property).setReason(told));
  }
  return response;
}

export function diffResponse(resource: Resource, changes: readonly Change[]): DiffResponse {
  const response = new DiffResponse().setHasdetaileddiff(true);
  response.setChanges(changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  const replacing = changes.filter((change) => replacesBy(resource, change));
  for (const change of changes) {
    const kind = replacing.includes(change) ? (`${change.kind}_REPLACE` as const) : change.kind;
    const property = new PropertyDiff().setKind(PropertyDiff.Kind[kind]).setInputdiff(change.drift !== true);
    response.getDetaileddiffMap().set(change.path, property);
  }
  response.setDiffsList([...new Set(changes.map(({ path }) => topOf(path)))]);
  response.setReplacesList([...new Set(replacing.map(({ path }) => topOf(path)))]);
  if (replacing.length > 0) response.setDeletebeforereplace(resource.deleteBeforeReplace ?? false);
  else response.setStablesList([...(resource.stable ?? [])]);
  return response;
}

/** An input that was secret stays secret in the output of the same name. */
const outputs = (resource: Resource, inputs: Struct | undefined, values: Properties): Struct => {
  const given = secretNames(inputs);
  const derived = given.length > 0 ? (resource.secretWithInputs ?? []) : [];
  return struct(values, [...given, ...derived, ...(resource.secret ?? [])]);
};

async function attempt<T>(resource: Resource, inputs: Struct | undefined, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof InitFailed)) throw error;
    throw new RpcError(initFailedStatus(error, outputs(resource, inputs, error.outputs), inputs));
  }
}

export function resourceCalls(provider: Provider, reporter: Reporter, signal: AbortSignal) {
  const find = (request: Named): { readonly resource: Resource; readonly context: ResourceContext } => {
    const type = typeOf(request);
    const resource = provider.resources[type];
    if (resource === undefined) {
      const known = Object.keys(provider.resources).join(", ");
      throw new Error(`${provider.name} ${provider.version} has no resource ${type}; it has ${known}`);
    }
    const urn = request.getUrn();
    return { resource, context: { urn, name: nameOf(request), type, report: reporter(urn) } };
  };

  return {
    async check(request: CheckRequest): Promise<CheckResponse> {
      const { resource, context } = find(request);
      const inputs = request.getNews();
      const seed = request.getRandomseed_asU8();
      const checked = await resource.check?.({
        ...context,
        oldInputs: plain(request.getOlds()),
        inputs: plain(inputs),
        seed,
      });
      return checkResponse(inputs, checked ?? {});
    },

    async diff(request: DiffRequest): Promise<DiffResponse> {
      const { resource, context } = find(request);
      const oldInputs = plain(request.getOldInputs() ?? request.getOlds());
      const ignored = request.getIgnorechangesList().map((name) => [name, oldInputs[name]] as const);
      const inputs = { ...plain(request.getNews()), ...Object.fromEntries(ignored) };
      const state = plain(request.getOlds());
      const own = await resource.diff?.({ ...context, id: request.getId(), oldInputs, inputs, state });
      return diffResponse(resource, own ?? differences(oldInputs, inputs));
    },

    async create(request: CreateRequest): Promise<CreateResponse> {
      const { resource, context } = find(request);
      const [inputs, preview] = [request.getProperties(), request.getPreview()];
      const created = await attempt(resource, inputs, () =>
        resource.create({ ...context, inputs: plain(inputs), preview, timeoutSeconds: request.getTimeout(), signal }),
      );
      const properties = outputs(resource, inputs, created.outputs);
      return new CreateResponse().setId(preview ? "" : created.id).setProperties(properties);
    },

    async update(request: UpdateRequest): Promise<UpdateResponse> {
      const { resource, context } = find(request);
      if (resource.update === undefined) throw new Error(`${context.type} cannot be updated in place`);
      const inputs = request.getNews();
      const update = resource.update.bind(resource);
      const updated = await attempt(resource, inputs, () =>
        update({
          ...context,
          id: request.getId(),
          oldInputs: plain(request.getOldInputs()),
          inputs: plain(inputs),
          state: plain(request.getOlds()),
          preview: request.getPreview(),
          timeoutSeconds: request.getTimeout(),
          signal,
        }),
      );
      return new UpdateResponse().setProperties(outputs(resource, inputs, updated.outputs));
    },

    async read(request: ReadRequest): Promise<ReadResponse> {
      const { resource, context } = find(request);
      const [id, inputs, state] = [request.getId(), request.getInputs(), request.getProperties()];
      const response = new ReadResponse();
      if (resource.read === undefined) return response.setId(id).setProperties(state).setInputs(inputs);
      const result = await resource.read({ ...context, id, inputs: plain(inputs), state: plain(state), signal });
      if (result === undefined) return response; // an empty id says: it is gone
      const secrets = [...secretNames(state), ...(resource.secret ?? [])];
      return response
        .setId(result.id ?? id)
        .setProperties(struct(result.outputs, secrets))
        .setInputs(result.inputs === undefined ? inputs : struct(result.inputs, secretNames(inputs)));
    },

    async delete(request: DeleteRequest): Promise<Empty> {
      const { resource, context } = find(request);
      const inputs = plain(request.getOldInputs());
      const state = plain(request.getProperties());
      const timeoutSeconds = request.getTimeout();
      await resource.delete?.({ ...context, id: request.getId(), inputs, state, timeoutSeconds, signal });
      return new Empty();
    },
  };
}
