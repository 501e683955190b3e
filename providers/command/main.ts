import { serve } from "../kit/serve";
import { command } from "./command";

/** Stand-in for the command provider where the official plugin cannot be had. */

void serve({ name: "command", version: "1.2.1", resources: { "command:local:Command": command } });
