-- Remember what the register says now of what staff have corrected.
UPDATE enterprise_correction AS correction SET register_value = found.register_says
FROM importing_correction AS found
WHERE correction.id = found.id AND NOT found.says_nothing AND found.is_over
    AND correction.register_value IS DISTINCT FROM found.register_says
