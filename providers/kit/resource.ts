/** What a provider and its resources are: the interface that random, command and libvirt implement. */

/** Values as JavaScript: secrets are unwrapped, what a preview cannot know is `UNKNOWN`. */
export type Properties = Readonly<Record<string, unknown>>;

/** What the engine sends, and takes, for a value that a preview cannot know; also inside lists and objects. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface ResourceContext {
  readonly urn: string;
  /** The resource's name in the program, the last part of the URN. */
  readonly name: string;
  /** Type token, e.g. `libvirt:index/domain:Domain`. */
  readonly type: string;
  /** Shows a line at the resource; the default is ephemeral: a status, until the next one. Never give it a secret. */
  readonly report: (message: string, options?: { readonly ephemeral?: boolean }) => Promise<void>;
}

interface Operation extends ResourceContext {
  /** Zero when the program sets no time-out. */
  readonly timeoutSeconds: number;
  /** Aborted by Ctrl-C. It is aborted at the normal end too, when nothing runs any more. */
  readonly signal: AbortSignal;
}

export interface CheckRequest extends ResourceContext {
  /** Inputs as they were checked last; empty for a new resource. */
  readonly oldInputs: Properties;
  readonly inputs: Properties;
  /** Random bytes that are the same in the preview and the update of one `up`. */
  readonly seed: Uint8Array;
}

export interface CheckFailure {
  /** Property path: `disks[0].file`. */
  readonly property: string;
  /** Without any value, which might be secret. */
  readonly reason: string;
  /** What was refused; told as a secret where the property holds one. */
  readonly got?: unknown;
}

export interface Checked {
  /** With defaults filled in; absent: as they came. */
  readonly inputs?: Properties;
  readonly failures?: readonly CheckFailure[];
}

export interface DiffRequest extends ResourceContext {
  readonly id: string;
  readonly oldInputs: Properties;
  readonly inputs: Properties;
  readonly state: Properties;
}

export interface Change {
  /** Property path: `keepers.pool`, `triggers[0]`. */
  readonly path: string;
  readonly kind: "ADD" | "DELETE" | "UPDATE";
  /** Overrides the resource's `replaceOn` for this change. */
  readonly replaces?: boolean;
  /** The change is between state and inputs, not between old and new inputs. */
  readonly drift?: boolean;
}

export interface CreateRequest extends Operation {
  readonly inputs: Properties;
  /** Nothing may be touched: answer what is known, `UNKNOWN` for the rest. */
  readonly preview: boolean;
}

export interface Created {
  /** Ignored in a preview. */
  readonly id: string;
  readonly outputs: Properties;
}

export interface UpdateRequest extends CreateRequest {
  readonly id: string;
  readonly oldInputs: Properties;
  /** Outputs as they are stored. */
  readonly state: Properties;
}

export interface ReadRequest extends ResourceContext {
  readonly id: string;
  /** Empty for an import. */
  readonly inputs: Properties;
  readonly state: Properties;
  readonly signal: AbortSignal;
}

export interface ReadResult {
  readonly id?: string;
  readonly inputs?: Properties;
  readonly outputs: Properties;
}

export interface DeleteRequest extends Operation {
  readonly id: string;
  readonly inputs: Properties;
  readonly state: Properties;
}

export interface Resource {
  /** Inputs whose change replaces, by path: `name`, or `target.path`, which covers everything below it. */
  readonly replaceOn?: readonly string[];
  /** Outputs that an update keeps, so that dependants see no change. */
  readonly stable?: readonly string[];
  /** Outputs to encrypt; inputs that came as secrets stay secret by themselves. */
  readonly secret?: readonly string[];
  /** Outputs to encrypt when any input is secret, because they may repeat it. */
  readonly secretWithInputs?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  check?(request: CheckRequest): Checked | Promise<Checked>;
  /** Replaces the kit's own comparison of old and new inputs (`differences`). */
  diff?(request: DiffRequest): readonly Change[] | Promise<readonly Change[]>;
  /** May throw `InitFailed`: it exists, but is not ready, and the next `up` calls `update`. */
  create(request: CreateRequest): Promise<Created>;
  /** Absent: every change replaces. May throw `InitFailed`. */
  update?(request: UpdateRequest): Promise<{ readonly outputs: Properties }>;
  /** Undefined: it is gone. */
  read?(request: ReadRequest): Promise<ReadResult | undefined>;
  delete?(request: DeleteRequest): Promise<void>;
}

export interface Provider {
  /** Package name: `libvirt`. */
  readonly name: string;
  readonly version: string;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly functions?: Readonly<Record<string, (args: Properties) => Promise<Properties>>>;
  /** Configuration of a provider resource; it may hold `UNKNOWN` in a preview. */
  checkConfig?(config: Properties): Checked;
  diffConfig?(oldConfig: Properties, config: Properties): readonly Change[];
  configure?(config: Properties): void | Promise<void>;
}
