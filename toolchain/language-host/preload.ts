import util from "node:util";

/** Loaded before the program. */

/** cmd/run inspects each uncaught error with colours, which puts escape codes into the diagnostics. */
const inspect = util.inspect;

const withoutColours = (value: unknown, options?: util.InspectOptions): string =>
  inspect(value, value instanceof Error && options?.colors === true ? { ...options, colors: false } : options);

util.inspect = Object.assign(withoutColours, inspect);

/**
 * @pulumi/pulumi writes down where each of its promises was made, and looks every line of it up in source maps: a quarter of
 * a preview of 40 machines. Whoever sets this is not heard, so that stacks name compiled files. Lines that its source maps make, of files
 * straight below `node_modules/`, can also keep `util.inspect(error, { colors: true })` for half a minute or for ever.
 */
Object.defineProperty(Error, "prepareStackTrace", { get: () => undefined, set() {} });
