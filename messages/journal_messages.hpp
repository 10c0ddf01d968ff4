#pragma once

#include "muster/messages/failure.hpp"
#include "muster/messages/saga.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What is said to the journal keeper.
namespace muster {

/// What the journal says of a refusal.
enum class abort_mark : std::uint8_t {
  none,            ///< nobody was refused: the caller got no answer, or "unknown"
  nothing_written, ///< refused, and the manifest was never ours
  maybe_written,   ///< refused, and the manifest may hold what we wrote
};

/// A step to be undone, or a duty to be done, that has failed so far.
struct saga_debt {
  saga_step step;
  bool is_undo;
  friend bool operator==(const saga_debt&, const saga_debt&) = default;
};

/// What will be done. `intent` is one JSON value that no other part looks into.
struct journal_intend {
  saga_id saga;
  std::string intent;
  friend bool operator==(const journal_intend&, const journal_intend&) = default;
};
/// It is refused, and will be undone.
struct journal_aborting {
  saga_id saga;
  abort_mark mark = abort_mark::nothing_written; ///< never `none`
  friend bool operator==(const journal_aborting&, const journal_aborting&) = default;
};
/// All that it still owes, instead of what it owed before.
struct journal_owed {
  saga_id saga;
  std::vector<saga_debt> owed;
  friend bool operator==(const journal_owed&, const journal_owed&) = default;
};
/// The journal was damaged while it was open.
struct journal_doubt {
  saga_id saga;
  friend bool operator==(const journal_doubt&, const journal_doubt&) = default;
};
/// Nothing of it is left.
struct journal_closed {
  saga_id saga;
  friend bool operator==(const journal_closed&, const journal_closed&) = default;
};

using journal_record = std::variant<journal_intend, journal_aborting, journal_owed, journal_doubt, journal_closed>;

/// One record; those that arrive together share a line and a sync.
struct write_journal {
  journal_record record;
};
/// The same of what a saga will do, which is put into words by who writes it.
struct write_intent {
  std::shared_ptr<const saga_intent> what;
  bool others_follow = false; ///< others are about to come that can share the sync
};
struct journal_written {};

/// A saga is over, and it does no harm if a crash loses that: it goes along with
/// the next record.
struct close_later {
  saga_id saga;
};

/// What the journal says of a saga that is not closed.
struct open_saga {
  std::string intent; ///< one JSON value; empty if its record was damaged
  abort_mark mark = abort_mark::none;
  std::vector<saga_debt> owed = {};
  bool doubtful = false; ///< the journal was damaged: later records may be lost
  friend bool operator==(const open_saga&, const open_saga&) = default;
};

struct read_journal {};
struct journal_read {
  std::map<saga_id, open_saga> sagas;
  /// A line that was durable did not read: where it is kept, and what to do.
  std::optional<failure> damage;
  /// Why nothing can be written at present.
  std::optional<failure> unwritable;
};

/// At an orderly stop.
struct finish_journal {};
struct journal_finished {};

/// Stands behind the records that have gathered: all of them are written now.
struct journal_batch_tick {};

} // namespace muster
