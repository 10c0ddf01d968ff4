#pragma once

#include "muster/messages/failure.hpp"
#include "muster/store/environment.hpp"
#include "muster/store/identity_record.hpp"
#include "muster/store/signing_key.hpp"

#include <cstdint>
#include <optional>

namespace muster {

/// Who this data directory is.
struct identity {
  signing_key key;
  identity_record record;
  /// What had to be done; `use` if nothing.
  identity_step done = identity_step::use;
};

/// Opens the identity of a data directory, or makes one.
///
/// 1. `identity.key` is written once and never rewritten; a replaced one is put
///    aside as `identity.key.replaced-<time>`.
/// 2. The key is durable before `instance.json` names it, so that a crash at any
///    call leaves no identity or a whole one; the next call goes on from there.
/// 3. After `replace` the record's `replaces` is the identity this directory had:
///    its feed is a foreign one now, and issuing its placements again is the
///    caller's.
///
/// The caller holds the directory's lock. Failures: of the disk; `damaged`
/// "instance-unreadable", "key-unreadable"; `refused` "key-permissions";
/// `release_mismatch`.
[[nodiscard]] expected<identity> open_identity(environment env, handle data, std::uint64_t release);

/// What `open_identity` would find, without changing anything.
[[nodiscard]] expected<identity_traces> inspect_identity(environment env, handle data, std::uint64_t release);

} // namespace muster
