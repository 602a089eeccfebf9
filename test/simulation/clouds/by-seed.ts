/** Which cloud a seed's world stands in. */
import type { Clock } from "../../../infra/local/clock.ts";
import type { Chance } from "../chance.ts";
import type { Plan } from "../plan.ts";
import { awsSimulation } from "./aws.ts";
import { azureSimulation } from "./azure/simulation.ts";
import type { SimulatedCloud } from "./simulated-cloud.ts";

export const cloudFor = (clock: Clock, plan: Plan, { seed }: Chance): SimulatedCloud =>
  plan.azure ? azureSimulation(clock, plan, { seed, azure: plan.azure }) : awsSimulation(clock, plan, seed);
