import { Failure } from "../failures.js";
import { passSteadyInstruction } from "./instructions.js";
import { headerBytes, ModuleReader } from "./module-reader.js";

const codeSection = 10;

/**
 * Reads every function of a module.
 * @throws {Failure} `program-invalid` where an instruction may give another result on another machine
 */
export function requireSteadyModule(module: Uint8Array): void {
  const reader = new ModuleReader(module, headerBytes);
  while (!reader.atEnd) {
    const id = reader.byte();
    const size = reader.unsigned();
    const end = reader.offset + size;
    if (id === codeSection) passFunctions(reader);
    reader.skipTo(end);
  }
}

function passFunctions(reader: ModuleReader): void {
  for (let left = reader.unsigned(); left > 0; left--) {
    const size = reader.unsigned();
    const end = reader.offset + size;
    for (let locals = reader.unsigned(); locals > 0; locals--) {
      reader.skipNumber();
      reader.skipNumber();
    }
    while (reader.offset < end) passSteadyInstruction(reader);
    if (reader.offset !== end) throw new Failure("program-invalid", "a function ends inside an instruction");
  }
}
