// Brings a certificate and the result that it is about to an oracle on a local chain.
//   node examples/oracle/send-certificate.mjs CERTIFICATE RESULT RPC_URL ORACLE
// RESULT is a file with the tagged bytes of the result; ORACLE is the address of a ResultOracle.
import { readFile } from "node:fs/promises";
import { ChainClient } from "@aegis-pool/contracts";
import { RevokedAgents } from "@aegis-pool/core";
import { contractCall, readQuorumFile, verifyQuorum } from "@aegis-pool/sdk";
import { compileOracle } from "./compile.mjs";

const [certificateFile, resultFile, url, address] = process.argv.slice(2);
const demand = { quorum: 1, revoked: new RevokedAgents() }; // the contract demands more: this only saves a transaction that must fail
const { certificate, signers } = verifyQuorum(await readQuorumFile(certificateFile), demand);
const { result, signatures } = contractCall(certificate);
const value = `0x${await readFile(resultFile, "hex")}`;

const chain = await ChainClient.connect(url);
const { abi } = (await compileOracle()).ResultOracle;
const { gasUsed } = await chain.send({ address, abi }, { name: "settle", args: [result, value, signatures] });
console.log(`settled by ${signers.length} operators for ${gasUsed} gas`);
