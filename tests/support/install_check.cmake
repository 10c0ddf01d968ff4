# Installs a build into a clean prefix, builds the examples against what lies
# there as a stranger would, and runs them and the installed binary.
#   cmake -DBUILD=... -DSOURCE=... -DCAF_DIR=... -DCXX=... -P install_check.cmake
cmake_minimum_required(VERSION 3.25)

# step(<what> <command>...) runs a command and keeps its standard output in `said`.
function(step what)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${what} ended with ${code}\n${out}\n${err}")
  endif()
  set(said "${out}" PARENT_SCOPE)
endfunction()

function(must_say pattern)
  if(NOT said MATCHES "${pattern}")
    message(FATAL_ERROR "no '${pattern}' in:\n${said}")
  endif()
endfunction()

set(place "${BUILD}/install_check")
file(REMOVE_RECURSE "${place}")
# The build may go away: nothing of what is installed may point into it.
step("install" "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${place}/prefix")
file(GLOB_RECURSE package "${place}/prefix/*.cmake")
foreach(file IN LISTS package)
  file(READ "${file}" text)
  foreach(path "${SOURCE}" "${BUILD}" "${CAF_DIR}")
    string(FIND "${text}" "${path}" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${file} names ${path}")
    endif()
  endforeach()
endforeach()

file(COPY "${SOURCE}/examples/" DESTINATION "${place}/host")
step("configure the host" "${CMAKE_COMMAND}" -S "${place}/host" -B "${place}/host/build" -G Ninja
     "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_PREFIX_PATH=${place}/prefix" "-DCAF_DIR=${CAF_DIR}")
step("build the host" "${CMAKE_COMMAND}" --build "${place}/host/build")

file(MAKE_DIRECTORY "${place}/atlas" "${place}/borealis" "${place}/cetus")
set(data "${place}/data")
step("register_one" "${place}/host/build/register_one" "${data}" "${place}/atlas")
must_say("registered at ${place}/atlas")
step("embed_in_host" "${place}/host/build/embed_in_host" "${data}" "${place}/borealis")
must_say("listed borealis at ${place}/borealis, active")
must_say("heard [0-9A-Z]+ lives at ${place}/borealis")
step("watch_events" "${place}/host/build/watch_events" "${data}" "${place}/cetus")
must_say("registered cetus at ${place}/cetus")
must_say("removed cetus at ${place}/cetus")
step("list" "${place}/prefix/bin/muster" --data "${data}" list)
must_say("borealis")
step("doctor" "${place}/prefix/bin/muster" --data "${data}" doctor)
step("rebuild" "${place}/prefix/bin/muster" --data "${data}" rebuild --verify)
file(REMOVE_RECURSE "${place}")
