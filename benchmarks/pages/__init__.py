"""What outside judges say of the pages: the Nu Html Checker, and Lighthouse on a phone."""
