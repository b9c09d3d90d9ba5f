import { chatSurfaceContract } from "../../contracts/chat-surface.ts";
import { openSlackSurface } from "./world.ts";

chatSurfaceContract("Slack over its socket", () => openSlackSurface("socket"), { outside: true, door: false });
chatSurfaceContract("Slack over HTTP", () => openSlackSurface("http"), { outside: true, door: true });
