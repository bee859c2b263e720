// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// AIS on chain. Its smallest unit is a nAIS, as in a pool's ledger: amounts go from one to the other as they are.
contract AIS is ERC20Burnable, ERC20Capped, ERC20Permit, Ownable2Step {
    /// There are never more, in nAIS: 100 million AIS. What is burned can be minted again, by the minter alone.
    uint256 public constant CAP = 100_000_000 * 1e9;

    /// @param minter who mints, as this contract's owner
    constructor(address minter) ERC20("AIS", "AIS") ERC20Permit("AIS") ERC20Capped(CAP) Ownable(minter) {}

    /// @param amount in nAIS; reverts with ERC20ExceededCap where it would be too many
    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    function decimals() public pure override returns (uint8) {
        return 9;
    }

    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Capped) {
        super._update(from, to, amount);
    }
}
