/** What our functions ask of AWS, shown to the predicates that care. */
import type { CloudRequest } from "../clouds/simulated-cloud.ts";
import type { Pass } from "../pass.ts";
import { awsClaims } from "./aws-claims.ts";
import type { Contradictions } from "./contradictions.ts";
import { cloudDid } from "./hold-promises.ts";
import { type PoolCourt, poolAsked } from "./pool-cloud.ts";
import type { Repeats } from "./repeat-promises.ts";

export interface Desk {
  readonly court: PoolCourt;
  readonly ownsPool: boolean;
  readonly repeats: Repeats;
  readonly contradictions: Contradictions;
  /** Told of every effect of ours, by a word for it. */
  readonly count: (effect: string) => void;
}

export interface Requests {
  readonly asked: (pass: Pass, request: CloudRequest) => void;
}

const EFFECTS: Readonly<Record<string, string>> = {
  CompleteLifecycleAction: "hold released",
  TerminateInstanceInAutoScalingGroup: "instance taken out",
  RecordLifecycleActionHeartbeat: "heartbeat",
};

export function awsRequests({ court, ownsPool, repeats, contradictions, count }: Desk): Requests {
  const { scene } = court;
  return {
    asked: (pass, request) => {
      const { action, input, isDone } = request;
      if (ownsPool) poolAsked(court, pass, request);
      if (action === "CompleteLifecycleAction") repeats.releaseAsked(pass, input.InstanceId as string, isDone);
      if (isDone && !scene.cloud.isRead(action)) contradictions.cloudDid(pass, awsClaims(action, input));
      const word = EFFECTS[action];
      if (!isDone || word === undefined) return;
      count(word);
      cloudDid(court, pass, action, input);
    },
  };
}
