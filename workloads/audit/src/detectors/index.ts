import { approveRace } from "./approve-race.js";
import { arbitraryStorageWrite } from "./arbitrary-storage-write.js";
import { arbitraryTransferFrom } from "./arbitrary-transfer-from.js";
import { blockingPayment } from "./blocking-payment.js";
import { callInLoop } from "./call-in-loop.js";
import { controlledDelegatecall, delegatecallWithInput } from "./controlled-delegatecall.js";
import { divideBeforeMultiply } from "./divide-before-multiply.js";
import { lockedEther } from "./locked-ether.js";
import { missingSlippageLimit } from "./missing-slippage-limit.js";
import { missingZeroCheck } from "./missing-zero-check.js";
import { orderDependentPayment } from "./order-dependent-payment.js";
import { outdatedCompiler } from "./outdated-compiler.js";
import { packedHashCollision } from "./packed-hash-collision.js";
import { publicSecret } from "./public-secret.js";
import { reentrancy } from "./reentrancy.js";
import { shadowedState } from "./shadowed-state.js";
import { shortAddress } from "./short-address.js";
import { strictBalance } from "./strict-balance.js";
import { timestampDependence } from "./timestamp-dependence.js";
import { txOrigin } from "./tx-origin.js";
import { typingError } from "./typing-error.js";
import { unboundedLoop } from "./unbounded-loop.js";
import { uncheckedArithmetic } from "./unchecked-arithmetic.js";
import { uncheckedCall } from "./unchecked-call.js";
import { uncheckedSignature } from "./unchecked-signature.js";
import { uninitialisedStorage } from "./uninitialised-storage.js";
import { unprotectedPrivilege } from "./unprotected-privilege.js";
import { unprotectedSelfdestruct } from "./unprotected-selfdestruct.js";
import { unprotectedWithdrawal } from "./unprotected-withdrawal.js";
import { unsafeDowncast } from "./unsafe-downcast.js";
import { weakRandomness } from "./weak-randomness.js";
import { wrongConstructor } from "./wrong-constructor.js";
import type { Detector } from "./detector.js";

/** Every detector of our own. */
export const detectors: readonly Detector[] = [
  approveRace,
  arbitraryStorageWrite,
  arbitraryTransferFrom,
  blockingPayment,
  callInLoop,
  controlledDelegatecall,
  delegatecallWithInput,
  divideBeforeMultiply,
  lockedEther,
  missingSlippageLimit,
  missingZeroCheck,
  orderDependentPayment,
  outdatedCompiler,
  packedHashCollision,
  publicSecret,
  reentrancy,
  shadowedState,
  shortAddress,
  strictBalance,
  timestampDependence,
  txOrigin,
  typingError,
  unboundedLoop,
  uncheckedArithmetic,
  uncheckedCall,
  uncheckedSignature,
  uninitialisedStorage,
  unprotectedPrivilege,
  unprotectedSelfdestruct,
  unprotectedWithdrawal,
  unsafeDowncast,
  weakRandomness,
  wrongConstructor,
];
