export { CommitteeDuty, type DutyEvent } from "./duty.js";
export { type CommitteeMessage, isForMember } from "./messages.js";
export { SignLog } from "./sign-log.js";
export { SumFiles } from "./sum-files.js";
