#pragma once

#include "tests/support/actor_fixture.hpp"

#include <memory>
#include <string>

namespace muster::test {

/// What happened to actors, in its order.
using story = std::shared_ptr<std::string>;

/// An actor that does its next part when it gets a message.
using prompted_actor = caf::typed_actor<caf::result<void>(relay_list)>;

} // namespace muster::test
