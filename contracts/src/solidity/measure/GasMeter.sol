// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What a call costs whoever makes it: everything from before the call to after it, in a transaction that has touched nothing yet.
contract GasMeter {
    event Measured(uint256 gas);

    function measure(address target, bytes calldata call) external {
        bytes memory payload = call;
        uint256 before = gasleft();
        (bool done, bytes memory answer) = target.call(payload);
        uint256 used = before - gasleft();
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        emit Measured(used);
    }
}
