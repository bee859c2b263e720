export * from "./cheats/kinds.js";
export * from "./cheats/study.js";
export * from "./cheats/world.js";
export * from "./random.js";
