# Varve's library sources: the one list that every build reads (our CMake,
# RocksDB's Makefile and RocksDB's CMake through our CMakeLists.txt).
#
# A new source is one new line: "varve_SOURCES += folder/noun.cc", sorted.
# A header that programs include is one "varve_HEADERS +=" line as well; it may
# include std, rocksdb/*.h and other headers of that list. Tests, tools and
# benches are listed in their own CMakeLists.txt.
#
# RocksDB's CMake also looks into this file, with regular expressions that
# take the rest of the line after an upper-case name and an equals sign with
# single spaces. Its sources must come from one place only, so the list is
# written with += (which it does not match), and the two names that it shall
# find are written the way it wants them.

varve_SOURCES += compaction/ageing_mark.cc
varve_SOURCES += compaction/ageing_plan.cc
varve_SOURCES += compaction/ageing_tally.cc
varve_SOURCES += compaction/compaction_preset.cc
varve_SOURCES += compaction/ageing_verdict.cc
varve_SOURCES += compaction/counters.cc
varve_SOURCES += compaction/downsample.cc
varve_SOURCES += compaction/duration.cc
varve_SOURCES += compaction/held_blocks.cc
varve_SOURCES += compaction/job_counters.cc
varve_SOURCES += compaction/live_policy.cc
varve_SOURCES += compaction/policy.cc
varve_SOURCES += compaction/policy_agreement.cc
varve_SOURCES += compaction/policy_change.cc
varve_SOURCES += compaction/policy_users.cc
varve_SOURCES += compaction/policy_warnings.cc
varve_SOURCES += compaction/read_hint.cc
varve_SOURCES += compaction/row_merge.cc
varve_SOURCES += compaction/sample_merge.cc
varve_SOURCES += compaction/sample_merge_operator.cc
varve_SOURCES += compaction/sample_properties.cc
varve_SOURCES += compaction/sample_properties_collector.cc
varve_SOURCES += compaction/span_rows.cc
varve_SOURCES += compaction/set_options_call.cc
varve_SOURCES += compaction/thinned_decode.cc
varve_SOURCES += compaction/tier_filter.cc
varve_SOURCES += compaction/tier_filter_factory.cc
varve_SOURCES += compaction/time_partitioner.cc
varve_SOURCES += compaction/view.cc
varve_SOURCES += compaction/written_check.cc
varve_SOURCES += format/block_dump.cc
varve_SOURCES += format/block_header.cc
varve_SOURCES += format/block_pieces.cc
varve_SOURCES += format/column_cache.cc
varve_SOURCES += format/column_lines.cc
varve_SOURCES += format/cpu_level.cc
varve_SOURCES += format/hex_lines.cc
varve_SOURCES += format/huffman.cc
varve_SOURCES += format/integer_blocks.cc
varve_SOURCES += format/integer_bytes.cc
varve_SOURCES += format/integer_choice.cc
varve_SOURCES += format/integer_column.cc
varve_SOURCES += format/integer_tokens.cc
varve_SOURCES += format/part_block.cc
varve_SOURCES += format/part_block_dump.cc
varve_SOURCES += format/part_box.cc
varve_SOURCES += format/part_dump.cc
varve_SOURCES += format/part_file.cc
varve_SOURCES += format/part_filter.cc
varve_SOURCES += format/part_index.cc
varve_SOURCES += format/part_stripe.cc
varve_SOURCES += format/prefix_code.cc
varve_SOURCES += format/row_entries.cc
varve_SOURCES += format/row_key.cc
varve_SOURCES += format/row_shape.cc
varve_SOURCES += format/sample_block.cc
varve_SOURCES += format/timestamp_analysis.cc
varve_SOURCES += format/timestamp_column_dump.cc
varve_SOURCES += format/timestamp_decode.cc
varve_SOURCES += format/timestamp_encode.cc
varve_SOURCES += format/timestamp_line.cc
varve_SOURCES += format/timestamp_packed_decode.cc
varve_SOURCES += format/timestamp_packed_dump.cc
varve_SOURCES += format/timestamp_packed_encode.cc
varve_SOURCES += format/timestamp_packing.cc
varve_SOURCES += format/timestamp_sparse.cc
varve_SOURCES += format/timestamp_tokens_decode.cc
varve_SOURCES += format/timestamp_tokens_dump.cc
varve_SOURCES += format/timestamp_tokens_encode.cc
varve_SOURCES += format/value_column_dump.cc
varve_SOURCES += format/value_decoder.cc
varve_SOURCES += format/value_dictionary.cc
varve_SOURCES += format/value_encoder.cc
varve_SOURCES += format/value_exceptions.cc
varve_SOURCES += format/value_integers_dump.cc
varve_SOURCES += format/value_kernels.cc
varve_SOURCES += format/value_kernels_avx2.cc
varve_SOURCES += format/value_kernels_avx512.cc
varve_SOURCES += format/value_parts.cc
varve_SOURCES += format/value_source.cc
varve_SOURCES += format/value_tokens_dump.cc
varve_SOURCES += format/zstd_frames.cc
varve_SOURCES += plugin/ageing.cc
varve_SOURCES += plugin/ageing_files.cc
varve_SOURCES += plugin/ageing_jobs.cc
varve_SOURCES += plugin/ageing_options.cc
varve_SOURCES += plugin/ageing_worker.cc
varve_SOURCES += plugin/column_family_handles.cc
varve_SOURCES += plugin/configure.cc
varve_SOURCES += plugin/delete_series.cc
varve_SOURCES += plugin/earlier_policy.cc
varve_SOURCES += plugin/encode.cc
varve_SOURCES += plugin/file_drop.cc
varve_SOURCES += plugin/first_sequence.cc
varve_SOURCES += plugin/hinted_iterator.cc
varve_SOURCES += plugin/ingest_files.cc
varve_SOURCES += plugin/info_log.cc
varve_SOURCES += plugin/live_column_family.cc
varve_SOURCES += plugin/open_family.cc
varve_SOURCES += plugin/part_box_source.cc
varve_SOURCES += plugin/part_cache_stats.cc
varve_SOURCES += plugin/part_index_cursor.cc
varve_SOURCES += plugin/part_properties.cc
varve_SOURCES += plugin/part_readahead.cc
varve_SOURCES += plugin/part_rows.cc
varve_SOURCES += plugin/part_table_builder.cc
varve_SOURCES += plugin/part_table_dump.cc
varve_SOURCES += plugin/part_table_estimate.cc
varve_SOURCES += plugin/part_table_factory.cc
varve_SOURCES += plugin/part_table_finish.cc
varve_SOURCES += plugin/part_table_iterator.cc
varve_SOURCES += plugin/part_table_multiget.cc
varve_SOURCES += plugin/part_table_open.cc
varve_SOURCES += plugin/part_table_options.cc
varve_SOURCES += plugin/part_table_reader.cc
varve_SOURCES += plugin/part_table_verify.cc
varve_SOURCES += plugin/partition_rows.cc
varve_SOURCES += plugin/registration.cc
varve_SOURCES += plugin/rocksdb_match.cc
varve_SOURCES += plugin/row_cursor.cc
varve_SOURCES += plugin/row_reader.cc
varve_SOURCES += plugin/sample_reader.cc
varve_SOURCES += plugin/sample_writer.cc
varve_SOURCES += plugin/scan_cursor.cc
varve_SOURCES += plugin/series_walk.cc
varve_SOURCES += plugin/span_file.cc
varve_SOURCES += plugin/set_policy.cc
varve_SOURCES += plugin/sst_walk.cc
varve_SOURCES += plugin/tier_scheduler.cc

varve_HEADERS += compaction/ageing_report.h
varve_HEADERS += compaction/compaction_preset.h
# In libvarve.so alone: what a preloaded library puts before RocksDB's own.
varve_PRELOAD_SOURCES += plugin/sst_dump_table.cc

varve_HEADERS += compaction/counters.h
varve_HEADERS += compaction/policy.h
varve_HEADERS += format/row_shape.h
varve_HEADERS += plugin/export.h
varve_HEADERS += plugin/varve.h

varve_FUNC = varve_register
varve_LIBS = zstd

# RocksDB's Makefile runs in its own root. Our includes are relative to ours.
varve_CXXFLAGS += -Iplugin/varve -ffp-contract=off
varve_LDFLAGS += -lzstd
