import util from "node:util";

/**
 * Loaded before the program. In Node.js `util.inspect(error, { colors: true })` can run for half a minute or for ever when a
 * stack line has a file straight below `node_modules/`, and the source maps of @pulumi/pulumi make such lines; cmd/run
 * inspects each uncaught error that way. Errors go without colours, which keeps escape codes out of the diagnostics too.
 */
const inspect = util.inspect;

const withoutColours = (value: unknown, options?: util.InspectOptions): string =>
  inspect(value, value instanceof Error && options?.colors === true ? { ...options, colors: false } : options);

util.inspect = Object.assign(withoutColours, inspect);

/**
 * @pulumi/pulumi writes down where each of its promises was made, and looks every line of it up in source maps: a quarter of
 * a preview of 40 machines. Whoever sets this is not heard, so that stacks name compiled files.
 */
Object.defineProperty(Error, "prepareStackTrace", { get: () => undefined, set() {} });
