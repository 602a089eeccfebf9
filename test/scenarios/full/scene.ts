/** What the scenarios of the full profile share: one scene each, told with a failure. */
import { test } from "node:test";
import { type FullScene, type FullSceneOptions, openFullScene } from "../../../infra/local/stories/full/open.ts";

export function fullScenario(
  name: string,
  run: (scene: FullScene) => Promise<void>,
  options: Pick<FullSceneOptions, "pool"> = {},
) {
  test(name, async (context) => {
    const scene = await openFullScene(options);
    try {
      await run(scene);
    } catch (error) {
      for (const { at, who, name: what, what: said } of scene.stage.timeline.lines)
        context.diagnostic(`${at.toISOString().slice(11, 21)} ${who} ${what} ${said}`);
      throw error;
    } finally {
      await scene.close();
    }
  });
}
