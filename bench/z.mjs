import { primitives } from "@aegis-pool/platform";
import { openParties } from "./dist/secure-sum/parties.js";
import { wholeSum } from "./dist/secure-sum/whole-sum.js";
import { madeUpdate, updateStep } from "./dist/secure-sum/updates.js";
const n=+process.argv[2], len=+process.argv[3];
const s=updateStep(madeUpdate(len,1));
for(let i=0;i<2;i++){const p=await openParties(n,len,primitives);
const {spent}=await wholeSum(p,()=>s,primitives); console.log(n,len,spent);}
