import { describe, expect, it } from "vitest";
import { toAgent, toPool } from "../../src/protocol/agent-channel.js";
import type { FrameCodec } from "../../src/protocol/frames.js";
import { fromReleaser, toReleaser } from "../../src/protocol/release-channel.js";
import { asVector, known, vectorFile } from "../fixtures.js";
import { agentChannelExamples, type Example, releaseChannelExamples } from "./examples.js";

/** The text of a vector file: every example with its frame, after the frame was decoded to the example again. */
function vectorsOf(name: string, examples: readonly Example[], codecs: Record<string, FrameCodec<object>>): string {
  const vectors = examples.map(({ to, message }) => {
    const codec = known(codecs[to]);
    const frame = codec.encode([message]);
    expect(codec.decode(frame)).toEqual([message]);
    return { to, message, frame };
  });
  return asVector({ source: `packages/core/src/protocol/${name}.ts; byte strings in hexadecimal`, vectors });
}

describe("the wire format", () => {
  it("of the agent channel is that of vectors/agent-channel.json", async () => {
    const vectors = vectorsOf("agent-channel", agentChannelExamples, { pool: toPool, agent: toAgent });
    await expect(vectors).toMatchFileSnapshot(vectorFile("agent-channel"));
  });

  it("of the release channel is that of vectors/release-channel.json", async () => {
    const vectors = vectorsOf("release-channel", releaseChannelExamples, { pool: fromReleaser, releaser: toReleaser });
    await expect(vectors).toMatchFileSnapshot(vectorFile("release-channel"));
  });
});
